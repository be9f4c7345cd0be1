// Names that mean something of their own in HDFS, whose texts these are: "/.reserved" with all that
// is below it, and ".snapshot" in any directory. Nobody may make an entry of such a name; what has
// one already, from an older program, can be read, moved away and removed.
//
// HDFS shows a directory "/.reserved" that lies in no table, and so does this: it can be looked at
// and listed, and not be changed. HDFS has two views of the namespace in it, which Cairn has not:
// "/.reserved/.inodes/N", the file of this number, and "/.reserved/raw", files as they are stored
// where a directory is encrypted. A path into one of them is UNSUPPORTED, whatever the operation:
// a program that asks for it is not to believe that there is nothing.
// Layer: ops (pure).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/schema/namenode.pb.h"
#include "namenode/ops/list.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

// "/.reserved", or below it.
bool isInReserved(const Path& path);
// "/.reserved" itself.
bool isReservedDirectory(const Path& path);

// UNSUPPORTED: a path into a view that there is none of. Path::parse() asks.
Result<void> checkNoView(const Path& path);

// INVALID_ARGUMENT when nobody may make an entry named by the path's component `i`.
// REQUIRES: i < path.depth().
Result<void> checkNotReserved(const Path& path, std::size_t i);
// INVALID_PATH, or INVALID_ARGUMENT as of checkNotReserved(), where no file can be made because the
// path lies in "/.reserved".
Result<void> checkOutsideReserved(const Path& path);
// What is told of a path that has no entry: INVALID_PATH for "/.reserved", which can be seen.
Result<void> checkNotShown(const Path& path);

// What is told of "/.reserved", and what list() answers for it: directories of this group, which is
// the superusers' in HDFS.
record::Dirent reservedDirectory();
Listing listReservedDirectory(const std::string& group, std::string_view startAfter,
                              std::size_t limit);

}  // namespace cairn::nn
