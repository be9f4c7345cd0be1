// Absolute paths of the namespace, checked once when they come in.
// Layer: ops (pure).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace cairn::nn {

class Path {
public:
  // "/", or "/a/b": components separated by single slashes, none of them "." or "..", all together
  // valid UTF-8 without NUL. INVALID_PATH otherwise; LIMIT_EXCEEDED above PATH_BYTES_MAX or
  // PATH_DEPTH_MAX. A component may be longer than NAME_BYTES_MAX here: no such file can exist, and
  // making one is refused (checkName). UNSUPPORTED for a view of the namespace that HDFS has and
  // Cairn has not (reserved.h).
  static Result<Path> parse(std::string_view text);

  const std::string& text() const { return text_; }
  bool isRoot() const { return ends_.empty(); }
  // Number of components; 0 for the root.
  std::size_t depth() const { return ends_.size(); }
  // REQUIRES: i < depth().
  std::string_view component(std::size_t i) const {
    const std::size_t begin = i == 0 ? 1 : ends_[i - 1] + 1U;
    return std::string_view(text_).substr(begin, ends_[i] - begin);
  }
  // The last component; "" for the root.
  std::string_view name() const { return isRoot() ? std::string_view() : component(depth() - 1); }
  // The path of the first n components: "/" for 0.
  std::string_view prefix(std::size_t n) const {
    return n == 0 ? std::string_view("/") : std::string_view(text_).substr(0, ends_[n - 1]);
  }
  // Whether `other` is this path or lies below it.
  bool contains(const Path& other) const;

private:
  std::string text_;
  std::vector<std::uint16_t> ends_;  // where each component ends in text_
};

// LIMIT_EXCEEDED when no entry of the directory `directory` may get this name.
Result<void> checkName(std::string_view name, std::string_view directory);

// Whether the bytes are well-formed UTF-8 (Unicode 15, table 3-7).
bool isUtf8(std::string_view text);

}  // namespace cairn::nn
