#include "client/shell/xattr_text.h"

#include <algorithm>
#include <array>

namespace cairn::shell {
namespace {

constexpr std::string_view HEX = "0123456789abcdef";
constexpr std::string_view BASE64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equalsInAnyCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string toBase64(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto part = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < part.size() ? static_cast<std::uint8_t>(part[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= part.size() ? BASE64[bits >> (18 - 6 * i) & 63U] : '=';
    }
  }
  return text;
}

std::string fromBase64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    if (c == '=') break;
    const auto value = BASE64.find(c);
    if (value == std::string_view::npos) continue;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xffU);
  }
  return bytes;
}

Result<std::string> fromHex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return fail(Code::INVALID_ARGUMENT, "Odd number of characters.");
  }
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    unsigned value = 0;
    for (std::size_t i = at; i < at + 2; ++i) {
      const auto digit = HEX.find(lower(text[i]));
      if (digit == std::string_view::npos) {
        return fail(Code::INVALID_ARGUMENT, std::string("Illegal hexadecimal character ") +
                                                text[i] + " at index " + std::to_string(i));
      }
      value = value * 16 + static_cast<unsigned>(digit);
    }
    bytes += static_cast<char>(value);
  }
  return bytes;
}

}  // namespace

std::optional<XAttrEncoding> xattrEncodingOf(std::string_view name) {
  if (equalsInAnyCase(name, "text")) return XAttrEncoding::TEXT;
  if (equalsInAnyCase(name, "hex")) return XAttrEncoding::HEX;
  if (equalsInAnyCase(name, "base64")) return XAttrEncoding::BASE64;
  return std::nullopt;
}

std::string encodeXAttr(std::string_view value, XAttrEncoding encoding) {
  switch (encoding) {
    case XAttrEncoding::TEXT: return "\"" + std::string(value) + "\"";
    case XAttrEncoding::BASE64: return "0s" + toBase64(value);
    case XAttrEncoding::HEX: break;
  }
  std::string text = "0x";
  for (const char c : value) {
    const auto byte = static_cast<std::uint8_t>(c);
    text += HEX[byte >> 4U];
    text += HEX[byte & 15U];
  }
  return text;
}

Result<std::string> decodeXAttr(std::string_view typed) {
  if (typed.size() >= 2 && typed.starts_with('"') && typed.ends_with('"')) {
    return std::string(typed.substr(1, typed.size() - 2));
  }
  const auto prefix = typed.substr(0, 2);
  if (equalsInAnyCase(prefix, "0x")) return fromHex(typed.substr(2));
  if (equalsInAnyCase(prefix, "0s")) return fromBase64(typed.substr(2));
  return std::string(typed);
}

Result<void> checkXAttrName(std::string_view name) {
  constexpr std::array<std::string_view, 5> SPACES = {"user", "trusted", "security", "system",
                                                      "raw"};
  const auto dot = name.find('.');
  const bool known = dot != std::string_view::npos && std::ranges::any_of(SPACES, [&](auto space) {
                       return equalsInAnyCase(name.substr(0, dot), space);
                     });
  if (!known) {
    return fail(Code::INVALID_ARGUMENT,
                "An XAttr name must be prefixed with user/trusted/security/system/raw, followed "
                "by a '.'");
  }
  if (dot + 1 == name.size()) return fail(Code::INVALID_ARGUMENT, "XAttr name cannot be empty.");
  return {};
}

}  // namespace cairn::shell
