#include "client/shell/remote_path.h"

#include <algorithm>
#include <filesystem>
#include <vector>

namespace cairn::shell {
namespace {

std::string normalise(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  std::string result;
  for (const auto part : parts) {
    result += '/';
    result += part;
  }
  return result.empty() ? "/" : result;
}

// `path` as seen from the directory `from`, both normal: "../bob/x", "..", ".", "x".
std::string relativeTo(const std::string& from, const std::string& path) {
  return std::filesystem::path(path).lexically_relative(from).string();
}

// "bogus" of "bogus:/x"; "" of what begins with no scheme, as a name with a colon in it.
std::string_view schemeOf(std::string_view typed) {
  const auto end = typed.find(":/");
  if (end == std::string_view::npos || end == 0) return {};
  const auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto scheme = typed.substr(0, end);
  const bool isOne =
      isLetter(scheme.front()) && std::ranges::all_of(scheme, [&](char c) {
        return isLetter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
      });
  return isOne ? scheme : std::string_view();
}

}  // namespace

Result<RemotePath> RemotePath::resolve(std::string_view typed, const PathContext& context) {
  if (typed.empty()) return fail(Code::INVALID_ARGUMENT, "a path cannot be empty");
  const auto home = "/user/" + context.user;
  RemotePath result;
  std::string_view rest = typed;
  if (const auto scheme = schemeOf(typed); !scheme.empty()) {
    if (scheme != "hdfs" && scheme != "cairn") {
      return fail(Code::INVALID_ARGUMENT,
                  "No FileSystem for scheme \"" + std::string(scheme) + "\"");
    }
    rest.remove_prefix(scheme.size() + 1);
    result.prefix_ = std::string(scheme) + "://";
    if (rest.starts_with("//")) {
      rest.remove_prefix(2);
      const auto authority = rest.substr(0, rest.find('/'));
      if (!authority.empty() && authority != context.namenode) {
        return fail(Code::INVALID_ARGUMENT, std::string(typed) + " is not of the cluster at " +
                                                context.namenode + " (--namenode " +
                                                std::string(authority) + " would go there)");
      }
      rest.remove_prefix(authority.size());
      result.prefix_ += authority;
    }
    if (rest.empty()) rest = home;
  }
  result.saysDirectory_ = rest.ends_with('/');
  if (rest.starts_with('/')) {
    result.absolute_ = normalise(rest);
  } else {
    result.base_ = home;
    result.absolute_ = normalise(home + "/" + std::string(rest));
    result.relative_ = relativeTo(result.base_, result.absolute_);
  }
  return result;
}

std::string RemotePath::shown() const { return base_.empty() ? prefix_ + absolute_ : relative_; }

std::string_view RemotePath::name() const {
  return std::string_view(absolute_).substr(absolute_.rfind('/') + 1);
}

RemotePath RemotePath::child(std::string_view name) const {
  auto result = sibling((isRoot() ? "/" : absolute_ + "/") + std::string(name));
  // From "..", one's own home is "../ann" and not ".", as Hadoop has it.
  if (!base_.empty())
    result.relative_ = (relative_ == "." ? "" : relative_ + "/") + std::string(name);
  return result;
}

RemotePath RemotePath::parent() const {
  const auto slash = absolute_.rfind('/');
  return sibling(slash == 0 ? "/" : absolute_.substr(0, slash));
}

RemotePath RemotePath::sibling(std::string absolute) const {
  RemotePath result = *this;
  result.absolute_ = std::move(absolute);
  result.saysDirectory_ = false;
  if (!base_.empty()) result.relative_ = relativeTo(base_, result.absolute_);
  return result;
}

}  // namespace cairn::shell
