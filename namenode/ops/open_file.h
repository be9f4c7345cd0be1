// Files named by their inode: what a writer's calls after create go by.
// Layer: ops.
#pragma once

#include <optional>
#include <string>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "namenode/ops/context.h"

namespace cairn::nn {

// A file and where its row stands.
struct PlacedFile {
  InodeId parent;
  std::string name;
  record::Dirent entry;
};

// The file, if it can still be reached from the root: neither it nor a directory above it was
// removed. Nothing otherwise, or when the inode is no file. O(depth).
Result<std::optional<PlacedFile>> findReachableFile(const MetaView& view, InodeId inode);

// The file, open and its lease held by the caller. NOT_FOUND "File does not exist ..." (removed, it
// or its tree), LEASE_EXPIRED (closed, or somebody else's by now).
Result<PlacedFile> requireOpenFile(const MetaView& view, const Caller& caller, InodeId inode);

// "/a/b", or "inode 16390" for one that cannot be reached. For messages: O(depth).
std::string describeInode(const MetaView& view, InodeId inode);

}  // namespace cairn::nn
