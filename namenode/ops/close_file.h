// closeFile: closes a file whose writer has fallen silent or gave up.
// Layer: ops.
//
// What becomes of its data, in this first form: committed chunks stay. The chunk that was being
// written stays when a datanode has reported a finished copy of it, with that copy's length;
// otherwise it is dropped, its bytes were never acknowledged by a sync of the whole chunk. A file
// of which nothing is left is removed: a writer that wrote nothing leaves nothing.
#pragma once

#include "namenode/ops/context.h"

namespace cairn::nn {

// answer.flag: whether the file still exists. Nothing happens when it is closed already. The lease
// of a file that was removed goes too. O(depth).
Result<Outcome> closeFile(Draft& draft, UnixMillis nowMs, InodeId file);

}  // namespace cairn::nn
