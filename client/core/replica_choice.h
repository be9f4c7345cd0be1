// Which replica of a chunk to read next.
// Layer: client/core (pure).
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string_view>

#include "cairn/types.h"

namespace cairn::client {

struct ReplicaMarks {
  const std::set<std::uint32_t>& tried;          // nodes that failed in this round: not again
  std::function<bool(std::uint32_t)> isBad;      // its replica of this chunk is damaged or old
  std::function<bool(std::uint32_t)> isSuspect;  // the node failed lately
};

// Sound replicas before those on suspect nodes before bad ones; among equals one on this machine
// first, then in the order given (the namenode's: nearest first). Null when all were tried.
// `machine`: the caller's boot id; "" makes none local.
const DatanodeAddress* chooseReplica(std::span<const DatanodeAddress> replicas,
                                     std::string_view machine, const ReplicaMarks& marks);

}  // namespace cairn::client
