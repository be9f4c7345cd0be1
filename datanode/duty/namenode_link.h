// Keeps the datanode known to its namenode: registers, compares the inventory, sends heartbeats
// with the news of replicas, and takes orders. When the namenode is away, or does not know the
// datanode any more, it begins again, for ever. Layer: datanode/duty.  Threads: one event loop.
#pragma once

#include <kj/async.h>
#include <kj/function.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/async/coroutine.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/rpc/host.h"
#include "common/schema/cluster.capnp.h"
#include "datanode/duty/chunk_recoveries.h"
#include "datanode/duty/commands.h"
#include "datanode/duty/replica_copies.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

// What the namenode is told at registration, besides the store's identity.
struct NodeDescription {
  std::string address;  // "127.0.0.1:9866"
  std::string socket;   // Unix socket of the descriptor hand-over; "": none
  std::string machine;  // the host's boot id
  std::string rack;     // "": the namenode's table decides
  std::string version;
  Uuid boot;  // of this life of the process
};

struct Registration {
  ClusterId cluster;
  NodeId node;
  Epoch epoch;
};

// Orders of the namenode that wait or are being carried out, as of the last heartbeat.
struct OrderMetrics {
  explicit OrderMetrics(metrics::Registry& registry);

  metrics::Gauge& removals;
  metrics::Gauge& verifications;
  metrics::Gauge& checks;
  metrics::Gauge& copiesWaiting;
  metrics::Gauge& copiesRunning;
  metrics::Gauge& recoveries;
};

class NamenodeLink {
public:
  // News of this many replicas a heartbeat, at most (about 1 MiB of message).
  static constexpr std::size_t NEWS_PER_HEARTBEAT = 16'384;
  // Digests a call, at most (40 bytes each).
  static constexpr std::size_t RANGES_PER_CALL = 4096;
  // A namenode that has not answered for so long is taken for gone.
  static constexpr std::uint32_t ANSWER_MS = 15'000;
  // How long disks are waited for that are asked how full they are.
  static constexpr std::uint32_t SPACE_MS = 1'000;
  // Bounds of what a namenode may ask for.
  static constexpr std::uint32_t HEARTBEAT_MS_MIN = 100;
  static constexpr std::uint32_t HEARTBEAT_MS_MAX = 60'000;
  // How often it is noted how far the namenode has come.
  static constexpr std::int64_t NOTE_MS = 60'000;
  // Pauses between two tries to register.
  static constexpr std::uint32_t RETRY_MS_FIRST = 100;
  static constexpr std::uint32_t RETRY_MS_MAX = 5'000;

  // `namenode`: "host:port". `onRegistered` is called at each registration, `transfers` tells how
  // many reads and writes run. The store, the budget and the host outlive it.
  NamenodeLink(rpc::Host& host, ReplicaStore& store, BufferBudget& budget, std::string namenode,
               NodeDescription self, kj::Function<void(const Registration&)> onRegistered,
               kj::Function<std::uint32_t()> transfers);
  KJ_DISALLOW_COPY(NamenodeLink);

  // Once. Settles with the reason when the datanode must not go on: WRONG_CLUSTER,
  // UNSUPPORTED_VERSION, or no volume in service any more. Dropping it ends the link.
  kj::Promise<Status> run();
  // Whether a namenode knows this datanode now.
  bool registered() const { return master_ != nullptr; }

private:
  using Master = wire::DatanodeMaster::Client;

  // From connecting to losing the namenode; the Status says why it ended.
  kj::Promise<Status> session();
  kj::Promise<Result<void>> registerAt(Master& master);
  // One disk that hangs does not keep the node from its heartbeats; when all do, it is better
  // taken for dead.
  kj::Promise<void> refreshSpace();
  kj::Promise<Result<void>> compareInventory(Master& master);
  kj::Promise<Result<void>> reportRange(Master& master, std::uint64_t range);
  kj::Promise<Result<void>> heartbeats(Master& master);
  kj::Promise<Result<void>> heartbeat(Master& master);
  kj::Promise<Result<void>> obey(Master& master, capnp::List<wire::Command>::Reader commands);
  // The outcome of a recovery; lost when there is no session: the namenode begins again.
  kj::Promise<void> commit(RecoveryOutcome outcome);
  void noteHeard();
  void updateGauges();
  void fill(wire::DatanodeMaster::HeartbeatParams::Builder to, const ReportQueue::Batch& news,
            const std::vector<CopyFailure>& failures);

  rpc::Host& host_;
  ReplicaStore& store_;
  BufferBudget& budget_;
  const std::string namenode_;
  const NodeDescription self_;
  kj::Function<void(const Registration&)> onRegistered_;
  kj::Function<std::uint32_t()> transfers_;
  OrderMetrics orders_;
  Commands commands_;
  Registration current_;
  Followed heard_;  // the newest that a namenode has named
  std::int64_t notedMs_ = 0;
  kj::Maybe<Master> master_;             // of the session, once registered
  kj::Own<ChunkRecoveries> recoveries_;  // null before the first registration
  kj::Own<ReplicaCopies> copies_;        // likewise
  std::uint32_t heartbeatMs_ = HEARTBEAT_MS_MAX;
  bool registeredOnce_ = false;  // in this session
};

}  // namespace cairn::dn
