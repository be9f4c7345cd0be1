#include "client/shell/remote_path.h"

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

}  // namespace

Result<RemotePath> RemotePath::resolve(std::string_view typed, const PathContext& context) {
  if (typed.empty()) return fail(Code::INVALID_ARGUMENT, "a path cannot be empty");
  RemotePath result;
  std::string_view rest = typed;
  for (const std::string_view scheme : {"hdfs://", "cairn://"}) {
    if (!rest.starts_with(scheme)) continue;
    rest.remove_prefix(scheme.size());
    const auto authority = rest.substr(0, rest.find('/'));
    if (!authority.empty() && authority != context.namenode) {
      return fail(Code::INVALID_ARGUMENT, std::string(typed) + " is not of the cluster at " +
                                              context.namenode + " (--namenode " +
                                              std::string(authority) + " would go there)");
    }
    rest.remove_prefix(authority.size());
    result.prefix_ = typed.substr(0, scheme.size() + authority.size());
    if (rest.empty()) rest = "/";
    break;
  }
  for (const std::string_view scheme : {"hdfs:", "cairn:"}) {
    if (result.prefix_.empty() && rest.starts_with(std::string(scheme) + "/")) {
      rest.remove_prefix(scheme.size());
      result.prefix_ = scheme;
    }
  }
  result.saysDirectory_ = rest.ends_with('/');
  if (rest.starts_with('/')) {
    result.absolute_ = normalise(rest);
  } else {
    result.base_ = "/user/" + context.user;
    result.absolute_ = normalise(result.base_ + "/" + std::string(rest));
  }
  return result;
}

std::string RemotePath::shown() const {
  if (!base_.empty()) {
    if (absolute_ == base_) return ".";
    if (absolute_.starts_with(base_ + "/")) return absolute_.substr(base_.size() + 1);
  }
  return prefix_ + absolute_;
}

std::string_view RemotePath::name() const {
  return std::string_view(absolute_).substr(absolute_.rfind('/') + 1);
}

RemotePath RemotePath::child(std::string_view name) const {
  return sibling((isRoot() ? "/" : absolute_ + "/") + std::string(name));
}

RemotePath RemotePath::parent() const {
  const auto slash = absolute_.rfind('/');
  return sibling(slash == 0 ? "/" : absolute_.substr(0, slash));
}

RemotePath RemotePath::sibling(std::string absolute) const {
  RemotePath result = *this;
  result.absolute_ = std::move(absolute);
  result.saysDirectory_ = false;
  return result;
}

}  // namespace cairn::shell
