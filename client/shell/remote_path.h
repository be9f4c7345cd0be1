// A path as the user typed it, and what it stands for.
// Layer: client/shell.  Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace cairn::shell {

// What typed paths are relative to.
struct PathContext {
  std::string user;      // "a/b" stands for /user/<user>/a/b, as in HDFS
  std::string namenode;  // "host:port": the cluster that a path may name
};

class RemotePath {
public:
  // "/a/b", "b", "../bob", "hdfs://host:port/a", "cairn://host:port/a", "hdfs:/a"; a cluster alone,
  // "hdfs://host:port", stands for the home directory. Doubled and trailing slashes, "." and ".."
  // go. INVALID_ARGUMENT: an empty path, another cluster's, a scheme that is none of these.
  static Result<RemotePath> resolve(std::string_view typed, const PathContext& context);

  // Absolute and normal: what the library takes.
  const std::string& absolute() const { return absolute_; }
  // The same in the user's manner: relative or with the scheme, if it was typed so.
  std::string shown() const;
  // The last component; "" for the root.
  std::string_view name() const;
  bool isRoot() const { return absolute_ == "/"; }
  // Whether the user ended it with a slash, so that it has to be a directory.
  bool saysDirectory() const { return saysDirectory_; }

  RemotePath child(std::string_view name) const;
  // The root's is the root.
  RemotePath parent() const;
  // Another absolute path in the manner of this one.
  RemotePath sibling(std::string absolute) const;

private:
  std::string absolute_;
  std::string prefix_;    // "hdfs://host:port" or ""
  std::string base_;      // the directory that a relative path was relative to, or ""
  std::string relative_;  // how it is shown then
  bool saysDirectory_ = false;
};

}  // namespace cairn::shell
