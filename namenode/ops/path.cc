#include "namenode/ops/path.h"

#include <algorithm>
#include <cstring>

#include "common/base/limits.h"
#include "namenode/ops/reserved.h"

namespace cairn::nn {
namespace {

std::unexpected<Status> invalid(std::string_view text, std::string_view why) {
  // Enough to recognise it by; the bytes may be anything.
  constexpr std::size_t SHOWN_MAX = 200;
  return fail(Code::INVALID_PATH, "Invalid path name " + std::string(text.substr(0, SHOWN_MAX)) +
                                      ": " + std::string(why));
}

}  // namespace

bool isUtf8(std::string_view text) {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = at + text.size();
  while (at < end) {
    constexpr std::uint64_t ASCII_MASK = 0x8080'8080'8080'8080;
    std::uint64_t eight = 0;
    while (end - at >= 8 && (std::memcpy(&eight, at, 8), (eight & ASCII_MASK) == 0)) at += 8;
    if (at == end) break;
    const unsigned char first = *at++;
    if (first < 0x80) continue;
    int more = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    if (first >= 0xc2 && first <= 0xdf) {
      more = 1;
    } else if (first >= 0xe0 && first <= 0xef) {
      more = 2;
      if (first == 0xe0) low = 0xa0;   // no longer form of a short one
      if (first == 0xed) high = 0x9f;  // no surrogates
    } else if (first >= 0xf0 && first <= 0xf4) {
      more = 3;
      if (first == 0xf0) low = 0x90;
      if (first == 0xf4) high = 0x8f;  // nothing above U+10FFFF
    } else {
      return false;
    }
    for (; more > 0; --more, ++at) {
      if (at == end || *at < low || *at > high) return false;
      low = 0x80;
      high = 0xbf;
    }
  }
  return true;
}

Result<Path> Path::parse(std::string_view text) {
  if (text.empty() || text.front() != '/') return invalid(text, "it does not begin with /");
  if (text.size() > limits::PATH_BYTES_MAX) {
    return fail(Code::LIMIT_EXCEEDED, "the path has " + std::to_string(text.size()) +
                                          " bytes; the limit is " +
                                          std::to_string(limits::PATH_BYTES_MAX));
  }
  if (text.find('\0') != std::string_view::npos) return invalid(text, "it has a NUL in it");
  if (!isUtf8(text)) return invalid(text, "it is not valid UTF-8");
  Path path;
  path.text_ = text;
  if (text.size() == 1) return path;
  path.ends_.reserve(static_cast<std::size_t>(std::ranges::count(text, '/')));
  for (std::size_t begin = 1;;) {
    std::size_t end = text.find('/', begin);
    if (end == std::string_view::npos) end = text.size();
    const std::string_view component = text.substr(begin, end - begin);
    if (component.empty()) return invalid(text, "it has an empty component");
    if (component == "." || component == "..") {
      return invalid(text, "it has a component \"" + std::string(component) + "\"");
    }
    path.ends_.push_back(static_cast<std::uint16_t>(end));
    if (end == text.size()) break;
    begin = end + 1;
  }
  if (path.depth() > limits::PATH_DEPTH_MAX) {
    return fail(Code::LIMIT_EXCEEDED, "the path has " + std::to_string(path.depth()) +
                                          " levels; the limit is " +
                                          std::to_string(limits::PATH_DEPTH_MAX));
  }
  TRY(checkNoView(path));
  return path;
}

bool Path::contains(const Path& other) const {
  if (isRoot()) return true;
  return other.text_.starts_with(text_) &&
         (other.text_.size() == text_.size() || other.text_[text_.size()] == '/');
}

Result<void> checkName(std::string_view name, std::string_view directory) {
  if (name.size() <= limits::NAME_BYTES_MAX) return {};
  return fail(Code::LIMIT_EXCEEDED,
              "The maximum path component name limit of " + std::string(name) + " in directory " +
                  std::string(directory) +
                  " is exceeded: limit=" + std::to_string(limits::NAME_BYTES_MAX) +
                  " length=" + std::to_string(name.size()));
}

}  // namespace cairn::nn
