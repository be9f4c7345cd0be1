// JSON for scripts (--json): one value on standard output, strings in UTF-8.
// Layer: client/shell.  Pure.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "cairn/types.h"

namespace cairn::shell {

// "\"a\\nb\"". Bytes that are not UTF-8 become U+FFFD.
std::string jsonString(std::string_view text);

// {"name":value,...}, in the order of the calls.
class JsonObject {
public:
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& number(std::string_view name, std::integral auto value) {
    return raw(name, std::to_string(value));
  }
  JsonObject& boolean(std::string_view name, bool value);
  // A value that is JSON already.
  JsonObject& raw(std::string_view name, std::string_view json);
  std::string str() const { return "{" + members_ + "}"; }

private:
  std::string members_;
};

// [value,...], each on a line of its own.
class JsonArray {
public:
  void add(std::string_view json);
  std::string str() const { return elements_.empty() ? "[]" : "[\n" + elements_ + "\n]"; }

private:
  std::string elements_;
};

// All attributes: "path", "type" ("file", "directory"), "length", "mode" ("644"), "owner", ...;
// times in ms since 1970. "codec" and "zstd_level" are those of new data; a directory has them, and
// anything "storage_policy", where they are set.
JsonObject jsonOf(std::string_view path, const Entry& entry);
JsonObject jsonOf(std::string_view path, const ContentSummary& summary);

}  // namespace cairn::shell
