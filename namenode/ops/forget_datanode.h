// forgetDatanode: takes a datanode that will not come back out of the tables.
// Layer: ops.
#pragma once

#include <cstddef>

#include "namenode/ops/context.h"

namespace cairn::nn {

// Drops about `rowsMax` of the copies that the tables have of it and, once there are none, its own
// row. answer.flag: whether something is left for another call. Destroys nothing on its disk:
// should it come back after all, it registers anew and its copies are found by comparing
// inventories.
Result<Outcome> forgetDatanode(Draft& draft, NodeId node, std::size_t rowsMax);

}  // namespace cairn::nn
