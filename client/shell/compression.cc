#include "client/shell/compression.h"

#include "client/shell/create_flags.h"

namespace cairn::shell {

Result<std::optional<Compression>> parseCompression(std::string_view word,
                                                    const std::optional<std::string>& level) {
  if (word != "zstd" && word != "none" && word != "inherit") {
    return fail(Code::INVALID_ARGUMENT,
                "zstd, none or inherit comes first, not '" + std::string(word) + "'");
  }
  if (level && word != "zstd") {
    return fail(Code::INVALID_ARGUMENT,
                "--zstd-level means nothing with '" + std::string(word) + "'");
  }
  if (word == "inherit") return std::nullopt;
  Compression compression{.codec = word == "zstd" ? Codec::ZSTD : Codec::NONE};
  if (level) {
    ASSIGN(const auto number, parseNumber("--zstd-level", *level, -5, 19));
    compression.zstdLevel = static_cast<std::int8_t>(number);
  }
  return compression;
}

std::string_view codecName(const Entry& entry) {
  if (entry.isDirectory() && !entry.codecSet) return "";
  return entry.codec == Codec::ZSTD ? "zstd" : "none";
}

std::string compressionText(const Entry& entry) {
  std::string text(codecName(entry));
  if (text == "zstd") text += ", level " + std::to_string(entry.zstdLevel);
  return text;
}

}  // namespace cairn::shell
