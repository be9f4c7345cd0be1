// What operations that add and remove entries share: the parent's row, new directories.
// Layer: ops.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "common/base/limits.h"
#include "common/base/result.h"
#include "namenode/ops/context.h"
#include "namenode/ops/path.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {

// Where the row of an entry stands, of a directory for the most part.
struct DirectoryRow {
  InodeId parent;
  std::string_view name;  // "" for the root
};

// Where the row of `at.parent` stands. `path`: the one that was resolved.
DirectoryRow rowOfParent(const Resolved& at, const Path& path);
// Where the row of `at.entry` stands. REQUIRES: there is one.
DirectoryRow rowOfEntry(const Resolved& at, const Path& path);

// Rewrites the row of `at.entry`, which becomes `after`. REQUIRES: there is one.
void changeResolved(Draft& draft, const Resolved& at, const Path& path, record::Dirent after);

// Notes in a directory's row that it has `more` children (or fewer) and changed now.
// LIMIT_EXCEEDED when that would be more than `childrenMax`. `directoryPath`: for messages.
Result<void> touchDirectory(Draft& draft, const DirectoryRow& row, int more, UnixMillis nowMs,
                            std::string_view directoryPath,
                            std::uint64_t childrenMax = limits::DIRECTORY_CHILDREN_MAX);

// Makes the directories of `path` that are missing above its last component, owned by the caller,
// with the group of the deepest that exists, and moves `at` down to the last. Their mode is that of
// the deepest that exists when `inheritMode`, else `mode`; in both cases plus u+wx, so that their
// maker can go on below them (HDFS's rule). REQUIRES: the caller may write `at.parent`.
Result<void> makeMissingParents(Draft& draft, Context& context, const Path& path, Resolved& at,
                                std::uint16_t mode, bool inheritMode);

// Makes one directory below `at.parent`, which gets one more child.
Result<record::Dirent> makeDirectory(Draft& draft, Context& context, const Path& path,
                                     const Resolved& at, std::string_view name, std::uint16_t mode);

// NOT_FOUND "Parent directory doesn't exist: /a/b", HDFS's text, unless the parent of the path's
// entry exists.
Result<void> requireParent(const Resolved& at, const Path& path);

}  // namespace cairn::nn
