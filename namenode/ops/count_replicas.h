// How many replicas files want, and how many chunks have them: counts how many chunks have fewer
// good replicas within reach than wanted, and how many have none. Layer: ops.  The table of chunks
// is walked in slices, so that no other operation waits for it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "namenode/meta/meta_view.h"
#include "namenode/ops/context.h"

namespace cairn::nn {

struct ReplicaCounts {
  std::uint64_t chunks = 0;           // committed ones of files that are not removed
  std::uint64_t withReplica = 0;      // at least one replica within reach
  std::uint64_t underReplicated = 0;  // fewer good ones within reach than wanted, but one
  std::uint64_t missing = 0;          // none within reach
  std::uint64_t oneRack = 0;          // all on one rack, as far as that is asked for
};

// Wanted replicas of a file; 0 for one that was removed.
Result<std::uint32_t> wantedReplicas(const MetaView& view, InodeId file);

class CountReplicas {
public:
  // Whether what is on this datanode can be had.
  using Reachable = std::function<bool(NodeId node)>;
  // Whether this copy was said to read wrong: it may be all there is, but is not to be counted on.
  using Suspect = std::function<bool(NodeId node, ChunkId chunk)>;

  // Whether these datanodes, as far as they are not given up, all stand on one rack although there
  // are others.
  using OneRack = std::function<bool(std::span<const NodeId> nodes)>;

  // Told of each chunk that has not just as many good replicas within reach as wanted, and no
  // others, or wants several and has all on one rack: `nodes` are all that have one on record, in
  // order.
  using Unusual =
      std::function<void(ChunkId chunk, std::span<const NodeId> nodes, std::uint32_t wanted)>;

  // Looks at about `budget` chunks. True when all are counted; false: call again, perhaps with a
  // newer view. Three look-ups a chunk. `unusual` and `oneRack` may be empty.
  Result<bool> step(const MetaView& view, const Reachable& reachable, const Suspect& suspect,
                    std::size_t budget, const Unusual& unusual = {}, const OneRack& oneRack = {});
  const ReplicaCounts& counts() const { return counts_; }

private:
  // wantedReplicas(), of which the last is remembered.
  Result<std::uint32_t> wantedBy(const MetaView& view, InodeId file);

  ReplicaCounts counts_;
  ChunkId next_;
  InodeId lastFile_;
  std::uint32_t lastWanted_ = 0;
};

}  // namespace cairn::nn
