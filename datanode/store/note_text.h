// The lines of the small text files of a volume: "<key> <value>". The first is "<magic> <version>".
// Layer: datanode/store (pure).
#pragma once

#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/format/crc32c.h"
#include "datanode/store/replica_name.h"

namespace cairn::dn {

// Takes a line "<key> <value>" off the front of `text`, and returns the value. CORRUPT when there
// is none.
inline Result<std::string_view> takeLine(std::string_view& text, std::string_view key) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  if (end == std::string_view::npos || !line.starts_with(key) || line.size() <= key.size() ||
      line[key.size()] != ' ') {
    return fail(Code::CORRUPT, "no line '" + std::string(key) + " ...' where one belongs");
  }
  text.remove_prefix(end + 1);
  return line.substr(key.size() + 1);
}

// CORRUPT for anything but the decimal digits of a T.
template <typename T>
Result<T> parseNumber(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return fail(Code::CORRUPT, "'" + std::string(text) + "' is no number");
  }
  return value;
}

// Takes the first line off the front of `text`. CORRUPT when it is another file's,
// UNSUPPORTED_VERSION for any version but this one.
inline Result<void> takeVersion(std::string_view& text, std::string_view magic, unsigned known) {
  ASSIGN(const auto versionText, takeLine(text, magic));
  ASSIGN(const auto version, parseNumber<unsigned>(versionText));
  if (version == known) return {};
  return fail(Code::UNSUPPORTED_VERSION, "it has format version " + std::to_string(version) +
                                             "; this program knows " + std::to_string(known));
}

// "4096 7": chunk and generation.
inline std::string keyText(const ReplicaKey& key) {
  return std::to_string(key.chunk.value) + ' ' + std::to_string(key.generation.value);
}
// CORRUPT for anything else.
inline Result<ReplicaKey> parseKey(std::string_view text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return fail(Code::CORRUPT, "a replica has two numbers");
  ReplicaKey key;
  ASSIGN(key.chunk.value, parseNumber<std::uint64_t>(text.substr(0, space)));
  ASSIGN(key.generation.value, parseNumber<std::uint64_t>(text.substr(space + 1)));
  return key;
}

// With a last line "sum <CRC32C of the lines above it>".
inline std::string withSum(std::string text) {
  const auto sum = format::crc32c(asBytes(text));
  return std::move(text) + "sum " + std::to_string(sum) + '\n';
}

}  // namespace cairn::dn
