// Walks a path to its entry, with the caller's right to pass through each directory.
// Layer: ops.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "common/base/result.h"
#include "common/schema/namenode.pb.h"
#include "namenode/meta/meta_view.h"
#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

// How far a path exists.
struct Resolved {
  // The deepest directory on the way to the entry that exists: the entry's parent when
  // parentExists. For the root itself: the root.
  std::shared_ptr<const PathNode> parent;
  std::size_t parentDepth = 0;  // components of the path down to `parent`
  InodeId grandparent;          // parent's row stands under this inode
  // How new files are compressed in `parent`: as it says, or the nearest above it that does.
  std::optional<CompressionSetting> compression;
  bool parentExists = false;
  std::optional<record::Dirent> entry;  // what the path names
};

// NOT_A_DIRECTORY when a file stands in the middle; PERMISSION_DENIED when the caller may not
// search (x) a directory on the way, be the rest there or not.
Result<Resolved> resolve(const MetaView& view, const Caller& caller, const Path& path);

// NOT_FOUND "File does not exist: /a/b".
std::unexpected<Status> doesNotExist(const Path& path);

// resolve(), and doesNotExist() when there is no entry; INVALID_PATH for a directory that is only
// shown (checkNotShown() in reserved.h).
Result<Resolved> resolveExisting(const MetaView& view, const Caller& caller, const Path& path);

// resolveExisting(), and IS_A_DIRECTORY "Path is not a file: /a/b" when it is none.
Result<Resolved> resolveFile(const MetaView& view, const Caller& caller, const Path& path);

}  // namespace cairn::nn
