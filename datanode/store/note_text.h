// The lines of the small text files of a volume: "<key> <value>".
// Layer: datanode/store (pure).
#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "common/base/result.h"

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

}  // namespace cairn::dn
