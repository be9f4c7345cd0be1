#include "namenode/ops/note_read.h"

#include "namenode/ops/directories.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {

bool movesAccessTime(const record::Dirent& entry, UnixMillis nowMs, std::int64_t precisionMs) {
  return precisionMs > 0 && nowMs - entry.atime_ms() > precisionMs;
}

Result<Outcome> noteRead(Draft& draft, const NotedRead& read) {
  ASSIGN(const auto at, resolveFile(draft, read.caller, read.path));
  if (InodeId(at.entry->id()) != read.file ||
      !movesAccessTime(*at.entry, read.nowMs, read.precisionMs)) {
    return Outcome();
  }
  record::Dirent after = *at.entry;
  after.set_atime_ms(read.nowMs);
  changeResolved(draft, at, read.path, std::move(after));
  return Outcome();
}

}  // namespace cairn::nn
