// The primary's part in a chunk's recovery: asks every node what it has, decides, and lets each
// make its replica final. Layer: datanode/duty.  Threads: one event loop.
#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/rpc/client_pool.h"
#include "common/schema/cluster.capnp.h"
#include "datanode/pipeline/outcome.h"
#include "datanode/store/replica_name.h"

namespace cairn::dn {

struct RecoveryOrder {
  struct Peer {
    NodeId node;
    std::string address;
    bool older = false;  // has a copy from before the chunk was opened for writing
  };

  ReplicaKey chunk;  // as recorded
  GenerationStamp newGeneration;
  std::vector<Peer> nodes;  // this one included, if it may have a replica
  std::optional<std::uint64_t> cut;
  std::uint64_t least = 0;  // plain bytes that are known to have been there
  GenerationStamp oldest;   // of the older copies
  // Nodes that have lost their replica with a volume count as if they had none; else as silent.
  bool withoutLost = false;
};

struct RecoveryOutcome {
  ReplicaKey chunk;
  GenerationStamp newGeneration;
  std::uint64_t length = 0;  // plain bytes
  std::vector<SealedNode> sealed;
};

// Nodes of one recovery at most; more is a namenode's fault.
inline constexpr std::size_t RECOVERY_NODES_MAX = limits::REPLICATION_MAX;

Result<RecoveryOrder> orderOf(wire::ChunkRecovery::Reader order);

// `peers` outlives it. A node that does not answer, or cannot, is left out. STALE when a node obeys
// a newer recovery: then this one is over. UNAVAILABLE when no node could do it, none has the bytes
// that are known to have been there, or too few answered to know that there is nothing. Nothing is
// undone after an error, and nothing was cut below `least`; the namenode begins again.
kj::Promise<Result<RecoveryOutcome>> recoverChunk(kj::Timer& timer, rpc::ClientPool& peers,
                                                  RecoveryOrder order);

}  // namespace cairn::dn
