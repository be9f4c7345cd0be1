#include "client/shell/checksum_text.h"

#include <array>
#include <cinttypes>
#include <cstdio>

namespace cairn::shell {

std::string checksumLine(std::string_view path, const FileChecksum& checksum, const Entry& file,
                         bool verbose) {
  std::array<char, 32> sizes{};
  std::snprintf(sizes.data(), sizes.size(), "%08" PRIx32 "%016" PRIx64, checksum.bytesPerCrc,
                checksum.crcsPerChunk);
  auto line = std::string(path) + "\t" + checksum.algorithm() + "\t" + sizes.data() + checksum.md5;
  if (verbose) line += "\tBlockSize=" + std::to_string(file.chunkSize);
  return line + "\n";
}

}  // namespace cairn::shell
