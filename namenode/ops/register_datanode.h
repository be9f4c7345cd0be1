// Who has ever registered as a datanode: its number and where it was seen last.
// Layer: ops.
#pragma once

#include <string>

#include "namenode/ops/context.h"

namespace cairn::nn {

struct DatanodeSeen {
  NodeId node;  // its number
  Uuid uuid;
  std::string address;
  std::string socket;
  std::string machine;
  std::string rack;
};

// Writes its row, unless it stands there already.
Result<Outcome> registerDatanode(Draft& draft, const DatanodeSeen& seen, UnixMillis nowMs);

}  // namespace cairn::nn
