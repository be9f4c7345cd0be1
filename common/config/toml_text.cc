#include "common/config/toml_text.h"

#include <algorithm>

namespace cairn::config {

namespace {

// Behind the string that begins at `at`; behind the text if it does not end. A string on one line
// ends with the line at the latest.
std::size_t endOfString(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view three = quote == '"' ? "\"\"\"" : "'''";
  const bool manyLines = text.substr(at).starts_with(three);
  const auto end = manyLines ? three : three.substr(0, 1);
  for (at += end.size(); at < text.size(); ++at) {
    if (text.substr(at).starts_with(end)) {
      at += end.size();
      // Up to two quotes may stand right before the three that end a string.
      for (int more = 0; manyLines && more < 2 && at < text.size() && text[at] == quote; ++more) {
        ++at;
      }
      return at;
    }
    if (text[at] == '\n' && !manyLines) return at;
    if (text[at] == '\\' && quote == '"') ++at;
  }
  return text.size();
}

}  // namespace

std::optional<std::size_t> lineOfStrayUnicode(std::string_view text) {
  constexpr std::string_view BYTE_ORDER_MARK = "\xEF\xBB\xBF";
  std::size_t at = text.starts_with(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.size() : 0;
  while (at < text.size()) {
    if (text[at] == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (text[at] == '"' || text[at] == '\'') {
      at = endOfString(text, at);
    } else if (static_cast<unsigned char>(text[at]) >= 0x80) {
      return 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, at), '\n'));
    } else {
      ++at;
    }
  }
  return std::nullopt;
}

}  // namespace cairn::config
