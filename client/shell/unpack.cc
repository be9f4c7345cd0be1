#include "client/shell/unpack.h"

#include <algorithm>
#include <array>

namespace cairn::shell {
namespace {

constexpr std::array GZIP_MAGIC = {std::byte{0x1f}, std::byte{0x8b}};
constexpr std::array ZSTD_MAGIC = {std::byte{0x28}, std::byte{0xb5}, std::byte{0x2f},
                                   std::byte{0xfd}};

bool beginsWith(std::span<const std::byte> head, std::span<const std::byte> magic) {
  return head.size() >= magic.size() && std::ranges::equal(head.first(magic.size()), magic);
}

}  // namespace

std::unique_ptr<Unpacker> unpackerFor(std::string_view name, std::span<const std::byte> head) {
  if (head.empty()) return nullptr;
  if (beginsWith(head, GZIP_MAGIC) || name.ends_with(".gz")) return gzipUnpacker();
  if (beginsWith(head, ZSTD_MAGIC) || name.ends_with(".zst")) return zstdUnpacker();
  if (name.ends_with(".bz2")) return bzip2Unpacker();
  return nullptr;
}

}  // namespace cairn::shell
