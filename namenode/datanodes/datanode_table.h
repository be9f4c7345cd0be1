// The datanodes as the namenode sees them while it runs: who is alive, how full and busy it is, and
// what it has been told to delete. In memory; the table sys keeps only who has ever registered.
// Layer: datanodes (pure).  Threads: one.  All times are io::Clock::monotonicMs unless named Wall;
// those of who was heard when, and is silent for how long, State::awakeMs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/ids.h"
#include "common/base/units.h"
#include "namenode/lease/recovery_order.h"
#include "namenode/place/pipeline.h"
#include "namenode/repair/copy_order.h"

namespace cairn::nn {

struct VolumeState {
  std::string path;
  std::uint64_t capacityBytes = 0;
  std::uint64_t usedBytes = 0;
  std::uint64_t freeBytes = 0;  // what may still be written
  bool failed = false;
  std::string error;
  std::uint64_t replicas = 0;
};

enum class Health : std::uint8_t {
  LIVE,
  STALE,  // silent for so long that it gets no new chunks and is read last
  DEAD,   // counts as gone, and its replicas with it
};

struct Datanode {
  NodeId node;
  Uuid uuid;  // of its directory
  Uuid boot;  // of its process
  std::string address;
  std::string socket;
  std::string machine;
  std::string rack;

  bool registered = false;  // in this life of the namenode
  // Another one has registered at its address: it is not there any more, and will be forgotten.
  bool replaced = false;
  std::int64_t replacedMs = 0;      // since when
  bool inventoryKnown = false;      // and has compared its replicas with the tables since
  bool caughtUp = false;            // and has told what there was to tell besides
  bool settled = false;             // has noted who it is: it has replicas, or compared them once
  TxId registeredAt;                // what it compared them with has this group in it, at least
  std::uint64_t session = 0;        // the connection it registered on; 0: that one is gone
  std::uint64_t newestSession = 0;  // the same, but never forgotten
  std::int64_t heardMs = 0;
  UnixMillis heardWallMs = 0;

  std::vector<VolumeState> volumes;
  std::uint32_t activeTransfers = 0;
  std::uint32_t assigned = 0;  // chunks given to it since its last heartbeat
  std::uint64_t quarantined = 0;

  // While it compares its inventory: the first range it has not named yet, whether it has named the
  // last, and which ones it still has to report.
  std::uint64_t nextRange = 0;
  bool compared = false;
  std::set<std::uint64_t> rangesDue;

  struct DeleteOrder {
    GenerationStamp generation;
    std::int64_t sentMs = 0;  // 0: not yet
    // It goes because there are more copies than wanted, not because nobody needs it any more: to
    // be sent only while that is so.
    bool surplus = false;
  };
  std::map<ChunkId, DeleteOrder> deletes;
  // Not sent yet. Sent once: should that get lost, the recovery is ordered anew.
  std::map<ChunkId, RecoveryOrder> recoveries;
  // Not sent yet. Sent once: should that get lost, the copy runs out of time (repair_book.h).
  std::map<ChunkId, CopyOrder> copies;
  // Copies that it has not confirmed and is to read and report. Sent once.
  std::map<ChunkId, GenerationStamp> checks;

  std::uint64_t freeBytes() const;  // over the volumes that work
  std::string unfit;                // buffer of candidates()
};

struct SpaceTotals {
  std::uint64_t capacityBytes = 0;
  std::uint64_t usedBytes = 0;  // by replicas
  std::uint64_t freeBytes = 0;  // what may still be written
};

struct LivenessLimits {
  std::int64_t staleMs = 30'000;  // HDFS dfs.namenode.stale.datanode.interval
  std::int64_t deadMs = 630'000;  // HDFS: 2 x recheck interval + 10 heartbeats
  // Whose connection is gone and who was heard so lately is expected to make another one: both ends
  // give one up where either has stood still. Three heartbeats.
  std::int64_t reconnectMs = 9'000;
};

class DatanodeTable {
public:
  explicit DatanodeTable(LivenessLimits limits) : limits_(limits) {}

  Datanode* find(NodeId node);
  const Datanode* find(NodeId node) const;
  Datanode* findByUuid(const Uuid& uuid);
  // REQUIRES: neither its number nor its uuid is known.
  Datanode& add(Datanode datanode);
  // REQUIRES: it is known. Pointers to it end.
  void remove(NodeId node);
  // All, in order of their numbers.
  const std::map<NodeId, Datanode>& all() const { return nodes_; }
  std::map<NodeId, Datanode>& all() { return nodes_; }

  Health health(const Datanode& datanode, std::int64_t nowMs) const;
  std::size_t liveNodes(std::int64_t nowMs) const;
  // Of the working volumes of all that are not dead.
  SpaceTotals space(std::int64_t nowMs) const;

  // For choosePipeline; valid until the table changes or candidates() is called again.
  std::vector<Candidate> candidates(std::int64_t nowMs);

  // Notes that this copy has to go. Sent with the next heartbeats until the datanode reports it
  // gone.
  void orderDelete(NodeId node, ChunkId chunk, GenerationStamp generation, bool surplus = false);
  // The rack of a datanode on this host ("10.0.0.7"); "" when there is none.
  std::string_view rackOfHost(std::string_view host) const;
  // Orders due now, at most `max` (and of surplus copies SURPLUS_A_TIME), marked as sent. `isSpare`
  // is asked for each of a surplus copy whether it may still go. If not, one that was never sent is
  // forgotten; any other may be under way, so it stays, unsent, and the copy counts as leaving.
  using IsSpare = std::function<bool(ChunkId chunk, GenerationStamp generation)>;
  std::vector<std::pair<ChunkId, GenerationStamp>> takeDeletes(Datanode& datanode,
                                                               std::int64_t nowMs, std::size_t max,
                                                               const IsSpare& isSpare);
  std::size_t openDeletes() const;

private:
  LivenessLimits limits_;
  std::map<NodeId, Datanode> nodes_;
  std::unordered_map<Uuid, NodeId> byUuid_;
};

// Each of them is judged, which takes about 20 us.
inline constexpr std::size_t SURPLUS_A_TIME = 300;
// An order that was not confirmed is repeated after this: its heartbeat's answer may have been
// lost.
inline constexpr std::int64_t DELETE_REPEAT_MS = 60'000;
// Orders kept for one datanode; more are forgotten, and found again when it compares inventories.
inline constexpr std::size_t DELETES_PER_NODE_MAX = 1'000'000;

}  // namespace cairn::nn
