// What a step of a pipeline ends with: which nodes have done it, or which one could not and why.
// Layer: datanode/pipeline.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <expected>
#include <vector>

#include "common/async/coroutine.h"
#include "common/base/ids.h"
#include "common/base/result.h"

namespace cairn::dn {

// A node on which the replica is final and durable.
struct SealedNode {
  NodeId node;
  std::uint64_t storedLength = 0;

  bool operator==(const SealedNode&) const = default;
};

struct PipelineFailure {
  Status status;
  NodeId node;  // the one that failed
};

// Of push and sync: no node is named.
using Outcome = std::expected<std::vector<SealedNode>, PipelineFailure>;

inline std::unexpected<PipelineFailure> failedAt(NodeId node, Status status) {
  return std::unexpected(PipelineFailure{std::move(status), node});
}

// Both together, `first`'s nodes in front; or the first failure, as soon as there is one: a node
// that hangs does not hide another's error.
kj::Promise<Outcome> bothOrFirstFailure(kj::Promise<Outcome> first, kj::Promise<Outcome> second);

}  // namespace cairn::dn
