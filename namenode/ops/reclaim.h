// reclaim: frees, bit by bit, what removed files and directories held.
// Layer: ops.
#pragma once

#include <cstddef>
#include <optional>

#include "namenode/ops/context.h"

namespace cairn::nn {

// Works off about `rowsMax` rows of what table gc names, from inode `from` on; the cursor in a row
// says where the next step goes on with it. outcome.deletes: the copies that are to go from the
// datanodes. answer.flag: whether there was anything to do; answer.entry.id: the last inode that
// was worked on, a good `from` for the next step (walking over rows that were removed costs time).
// Nothing found from there on does not mean that the table is empty: start at 0 again.
Result<Outcome> reclaim(Draft& draft, InodeId from, std::size_t rowsMax);

}  // namespace cairn::nn
