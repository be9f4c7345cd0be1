// Values of extended attributes as text: "quoted", 0x68656c6c6f, 0saGVsbG8=.
// Layer: client/shell.  Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace cairn::shell {

enum class XAttrEncoding : std::uint8_t { TEXT, HEX, BASE64 };
// Of "text", "hex", "base64", in any case; nothing for others.
std::optional<XAttrEncoding> xattrEncodingOf(std::string_view name);

// "\"hello\"", "0x68656c6c6f", "0saGVsbG8=".
std::string encodeXAttr(std::string_view value, XAttrEncoding encoding);
// The bytes that a typed value stands for; what is in none of these forms stands for itself.
// Characters that base64 does not have are passed over, as HDFS's shell does.
// INVALID_ARGUMENT: a character that is no hexadecimal digit, or an odd number of them.
Result<std::string> decodeXAttr(std::string_view typed);

// INVALID_ARGUMENT unless it begins with a namespace ("user.") and goes on behind it.
Result<void> checkXAttrName(std::string_view name);

}  // namespace cairn::shell
