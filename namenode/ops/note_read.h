// noteRead: moves the time of access of a file that somebody has read.
// Layer: ops.
//
// It follows a read that has been answered, so nobody waits for it and nobody is told when it does
// not come about: the next read tries again.
#pragma once

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

// Whether a read at `nowMs` moves the entry's time of access: when that is more than `precisionMs`
// ago. Never with a precision of 0. HDFS: dfs.namenode.accesstime.precision.
bool movesAccessTime(const record::Dirent& entry, UnixMillis nowMs, std::int64_t precisionMs);

struct NotedRead {
  const Caller& caller;
  const Path& path;
  InodeId file;  // what the path named when it was read
  UnixMillis nowMs = 0;
  std::int64_t precisionMs = 0;
};

// Nothing happens when the path names another file by now, or when its time of access does not move
// (any more). Errors: those of resolveFile(). O(depth).
Result<Outcome> noteRead(Draft& draft, const NotedRead& read);

}  // namespace cairn::nn
