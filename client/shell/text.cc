#include "client/shell/text.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "client/shell/utf8.h"

namespace cairn::shell {
namespace {

bool isControl(char32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

std::string format(const char* pattern, std::int64_t unixMs, Zone zone) {
  // Towards the past, so that times before 1970 come out right.
  auto seconds = static_cast<std::time_t>(unixMs / 1000 - (unixMs % 1000 < 0 ? 1 : 0));
  std::tm parts{};
  if (zone == Zone::UTC) {
    ::gmtime_r(&seconds, &parts);
  } else {
    ::localtime_r(&seconds, &parts);
  }
  std::array<char, 64> text{};
  return std::string(text.data(), std::strftime(text.data(), text.size(), pattern, &parts));
}

}  // namespace

std::string escapeName(std::string_view name) {
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    const auto c = decodeUtf8(name, at);
    const auto bytes = name.substr(at, c.bytes);
    at += c.bytes;
    if (bytes == "\n") {
      out += "\\n";
    } else if (bytes == "\t") {
      out += "\\t";
    } else if (bytes == "\\") {
      out += "\\\\";
    } else if (!c.valid || isControl(c.point)) {
      for (const char byte : bytes) {
        std::array<char, 8> hex{};
        std::snprintf(hex.data(), hex.size(), "\\x%02x", static_cast<unsigned char>(byte));
        out += hex.data();
      }
    } else {
      out += bytes;
    }
  }
  return out;
}

std::string nameFor(bool terminal, std::string_view name) {
  return terminal ? escapeName(name) : std::string(name);
}

std::string replaceControl(std::string_view name) {
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    const auto c = decodeUtf8(name, at);
    if (!c.valid || isControl(c.point)) {
      out += '?';
    } else {
      out += name.substr(at, c.bytes);
    }
    at += c.bytes;
  }
  return out;
}

std::string rightsOf(const Entry& entry) {
  std::string text = entry.isDirectory() ? "d" : "-";
  for (int shift = 6; shift >= 0; shift -= 3) {
    const unsigned bits = entry.mode >> shift & 7U;
    text += (bits & 4U) != 0 ? 'r' : '-';
    text += (bits & 2U) != 0 ? 'w' : '-';
    text += (bits & 1U) != 0 ? 'x' : '-';
  }
  if ((entry.mode & 01000U) != 0) text.back() = text.back() == 'x' ? 't' : 'T';
  return text;
}

std::string octalRights(const Entry& entry) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%o", static_cast<unsigned>(entry.mode));
  return text.data();
}

std::string minuteOf(std::int64_t unixMs, Zone zone) {
  return format("%Y-%m-%d %H:%M", unixMs, zone);
}

std::string secondOf(std::int64_t unixMs, Zone zone) {
  return format("%Y-%m-%d %H:%M:%S", unixMs, zone);
}

std::size_t displayWidth(std::string_view text) {
  // One column a code point: wide scripts misalign by a little, which is all it costs.
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size(); at += decodeUtf8(text, at).bytes) ++width;
  return width;
}

std::string padLeft(std::string_view text, std::size_t width) {
  const auto used = displayWidth(text);
  return std::string(used < width ? width - used : 0, ' ') + std::string(text);
}

std::string padRight(std::string_view text, std::size_t width) {
  const auto used = displayWidth(text);
  return std::string(text) + std::string(used < width ? width - used : 0, ' ');
}

}  // namespace cairn::shell
