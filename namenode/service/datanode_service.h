// The namenode's interface for datanodes: registration, inventories, heartbeats. What the
// answers to heartbeats ask for stands in datanode_commands.cc, outcomes of recoveries in
// datanode_recovery.cc.
// Layer: service.  Threads: the state loop.  One object a connection: when the connection goes, the
// datanode that registered on it counts as unreachable until it is heard of again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "common/schema/cluster.capnp.h"
#include "namenode/ops/report_replica.h"
#include "namenode/state/state.h"

namespace cairn::nn {

// What one heartbeat's answer carries; the rest goes with the next.
inline constexpr std::size_t DELETES_PER_HEARTBEAT_MAX = 1000;
inline constexpr std::size_t RECOVERIES_PER_HEARTBEAT_MAX = 20;  // each may copy a chunk
inline constexpr std::size_t VERIFIES_PER_HEARTBEAT_MAX = 10;    // each may be gigabytes to read
inline constexpr std::size_t COPIES_PER_HEARTBEAT_MAX = 100;
// A datanode that says less in a heartbeat has nothing more to say.
inline constexpr unsigned CAUGHT_UP_NEWS_MAX = 1000;

class DatanodeService final : public wire::DatanodeMaster::Server {
public:
  explicit DatanodeService(std::shared_ptr<State> state)
      : state_(std::move(state)), session_(state_->nextSession++) {}
  ~DatanodeService() noexcept(false);

  kj::Promise<void> register_(RegisterContext context) override;
  kj::Promise<void> compareInventory(CompareInventoryContext context) override;
  kj::Promise<void> reportRange(ReportRangeContext context) override;
  kj::Promise<void> heartbeat(HeartbeatContext context) override;
  kj::Promise<void> commitRecovery(CommitRecoveryContext context) override;

private:
  // The registered datanode that calls; STALE when it has to register (again).
  Result<Datanode*> callerOf(std::uint32_t node, std::uint64_t epoch);
  // STALE when the datanode has followed a newer epoch; whatever it knows that this directory has
  // not got to is noted.
  Result<void> checkHistory(wire::DatanodeInfo::Reader info);
  // The newest durable one. None of an older directory: datanodes are to remember the newer one.
  TxId groupToName() const;
  // `scripted`: its rack as the operator's program says; "": unknown.
  Result<NodeId> admit(wire::DatanodeInfo::Reader info, std::string_view scripted);
  Result<std::vector<std::uint64_t>> compare(Datanode& datanode, CompareInventoryContext& context);
  Result<void> takeReports(HeartbeatContext& context, Datanode& datanode);
  // What these reports mean for copies that are being made, or are to be.
  void noteForRepair(NodeId node, const ReportedReplica& report);
  Result<void> takeFailedCopies(HeartbeatContext& context, NodeId node);
  // While the disk is behind, a datanode waits for its answer. A fault would make it register
  // again, which is more work, and less room for what it has to say.
  bool mustWait() const;
  // Settles when what waits for the disk now is there, or lost.
  kj::Promise<void> roomForChanges();
  // What a heartbeat's answer asks for.
  void fillCommands(Datanode& datanode, HeartbeatContext& context);
  // Those that are still known; who was forgotten since the order was given is left out.
  std::vector<const Datanode*> knownOf(std::span<const NodeId> nodes) const;
  void fillRecovery(const RecoveryOrder& order, wire::ChunkRecovery::Builder to);
  void fillCopy(const CopyOrder& order, wire::CopyOrder::Builder to);
  // Whether a surplus copy may still go; its chunk is looked at again if not.
  bool isSpare(NodeId node, ChunkId chunk, GenerationStamp generation);
  Applied commitOnce(CommitRecoveryContext& context);
  // Suspect copies that the datanode is to read whole.
  struct DueVerifies {
    std::vector<std::pair<ChunkId, GenerationStamp>> spare;  // other copies are good: as is known
    // To be kept whatever it finds; among them those that it has not confirmed.
    std::vector<std::pair<ChunkId, GenerationStamp>> needed;
  };
  Result<DueVerifies> dueVerifies(Datanode& datanode);
  // A suspect copy of this generation is not on record, or no more.
  Result<void> followSuspect(NodeId node, ChunkId chunk, GenerationStamp generation);
  // Whether enough other copies of the chunk can be had that nobody has found damaged.
  Result<bool> canDoWithout(NodeId node, ChunkId chunk, GenerationStamp generation) const;
  // Notes a copy that a datanode has found damaged.
  void suspect(NodeId node, ChunkId chunk, GenerationStamp generation);
  // Orders a copy away that is newer than its chunk, when nobody can make it the chunk's any more
  // and there is a good copy of the chunk: it is in the way of another one.
  void orderAwayIfNewer(NodeId node, const ReportedReplica& report);
  // There is one copy more: a damaged one may be needed no more.
  void lookAgainAtSuspects(ChunkId chunk);
  // Tells the operator of a damaged copy, and louder when it was the last one.
  void noteDamage(NodeId node, ChunkId chunk);
  // Notes when all that differed has been reported.
  void finishInventory(Datanode& datanode);
  Reporter reporter(const Datanode& datanode) const;

  std::shared_ptr<State> state_;
  const std::uint64_t session_;
};

}  // namespace cairn::nn
