// One character of a UTF-8 string.
// Layer: client/shell.  Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cairn::shell {

struct Utf8Char {
  char32_t point = 0;     // the byte itself when it is not valid
  std::size_t bytes = 1;  // at least 1
  bool valid = false;
};

// The character that begins at text[at]. A byte that begins none counts as one of its own.
// REQUIRES: at < text.size().
inline Utf8Char decodeUtf8(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {.point = first, .bytes = 1, .valid = true};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const Utf8Char bad{.point = first, .bytes = 1, .valid = false};
  if (first < 0xc2 || first > 0xf4 || text.size() - at < length) return bad;
  char32_t point = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return bad;
    point = point << 6 | (byte(i) & 0x3fU);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  if (overlong || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return bad;
  return {.point = point, .bytes = length, .valid = true};
}

}  // namespace cairn::shell
