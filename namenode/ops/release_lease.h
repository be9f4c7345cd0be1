// releaseLease: takes a file from a writer that has fallen silent, or whose file another one wants.
// Layer: ops.
//
// Committed chunks stay as they are. A last chunk that was being written may have any length on its
// datanodes, and bytes that readers have seen: nobody can tell from here. So the lease passes to
// the namenode, and chunk recovery (recover_chunk.h) finds out and closes the file. Where there is
// nothing to find out the file is closed at once; one without any chunk stays, empty, as in HDFS.
#pragma once

#include "namenode/ops/context.h"

namespace cairn::nn {

// answer.flag: whether the file is closed now. From then on, or from the begin of the recovery on,
// every call of the old writer gets LEASE_EXPIRED. Nothing happens when the file is closed, or when
// it is being recovered, already; of a file that was removed the lease goes. O(depth).
Result<Outcome> releaseLease(Draft& draft, UnixMillis nowMs, InodeId file);

}  // namespace cairn::nn
