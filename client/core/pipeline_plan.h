// What a writer does next when a datanode of its chunk's pipeline failed: go on with which nodes,
// ask for another one, begin the chunk anew elsewhere, wait, or give up.
// Layer: client/core (pure).  Threads: a value.  One for each file being written.
//
// The rules:
// - Nothing of the chunk was sent, or nothing was acknowledged and no node is left: it is given
//   back, and begun anew without the nodes that failed. That gets it a whole pipeline.
// - Otherwise it is resumed on the nodes that are left, which may have shown readers more than was
//   acknowledged. Another node joins by HDFS's policy DEFAULT. While nothing was acknowledged, as
//   many join as are missing, as there is next to nothing to copy then.
// - Replacements that fail as well are not sought for ever: after some the nodes that are left do.
// - None is left: those that the namenode has on record for the chunk are tried again after a
//   pause, unless what they said is final. A datanode that restarts has its replicas still.
// So a writer fails only when no node that has the chunk comes back within about half a minute.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cairn/status.h"
#include "cairn/types.h"

namespace cairn::client {

// HDFS's dfs.client.block.write.replace-datanode-on-failure.policy DEFAULT, with best effort: with
// three replicas and more, when half of them or fewer are left, or when any is missing of a file
// that was flushed or appended to.
bool wantsReplacement(std::uint16_t replication, std::size_t left, bool flushed);

// Whether a node that failed like this may have the chunk still and do better soon.
bool mayComeBack(Code code);

class PipelinePlan {
public:
  // How often the nodes on record are tried again when all have failed, and the first pause, which
  // doubles: 1 + 2 + 4 + 8 + 16 s. HDFS waits 30 s for a datanode that restarts
  // (dfs.client.datanode-restart.timeout).
  static constexpr unsigned REVIVALS_MAX = 5;
  static constexpr std::uint32_t REVIVAL_PAUSE_MS = 1000;
  // Places tried for a chunk of which nothing was acknowledged. More than HDFS's 4
  // (dfs.client.block.write.retries): in a cluster where many nodes fail at once, the namenode
  // takes minutes to notice, and each try leaves out one node.
  static constexpr unsigned ALLOCATIONS_MAX = 32;
  // Pipelines with a replacement that are tried without a byte of progress between them. Where each
  // fails, it is rather one of the nodes before it that cannot send.
  static constexpr unsigned REPLACEMENTS_MAX = 5;
  // For how long a node that failed is left out of placement: HDFS's
  // dfs.client.write.exclude.nodes.cache.expiry.interval.millis.
  static constexpr std::int64_t EXCLUDE_MS = 600'000;

  // `replication`: the file's. A pipeline is whole with as many nodes, or the most that it may have
  // (limits.h).
  explicit PipelinePlan(std::uint16_t replication);

  // --- What happened ---

  // The chunk before is sealed; the next one begins.
  void newChunk();
  // The namenode has these nodes on record for the chunk: it was allocated on them, or its pipeline
  // was updated.
  void recorded(std::vector<DatanodeAddress> nodes);
  void failed(const DatanodeAddress& node, const Status& why, std::int64_t nowMs);
  // The namenode found no place for the chunk without the nodes that failed. Whether to try again:
  // those that may come back are allowed again then.
  bool noPlace();
  // Bytes were acknowledged by all nodes: what failed of theirs before is over.
  void progressed();

  // --- What to do ---

  enum class Action : std::uint8_t { ALLOCATE, RESUME, GIVE_UP };
  struct Step {
    Action action = Action::GIVE_UP;
    std::uint32_t pauseMs = 0;           // before it
    std::vector<DatanodeAddress> nodes;  // RESUME: on these, in this order
    std::uint16_t replacements = 0;      // RESUME: with so many more nodes, where there are such
  };
  struct Situation {
    bool sent = false;          // any byte of the chunk
    bool acknowledged = false;  // any of them
    bool flushed = false;       // the file was flushed or appended to
    bool finishing = false;     // all bytes are there: repair will add the copies that are missing
  };
  Step next(const Situation& situation);

  // Nodes to be left out of placement.
  std::vector<std::uint32_t> excluded(std::int64_t nowMs) const;
  // Each node that failed and why, "; " between them; "" when none has.
  std::string failures() const;
  std::optional<Code> lastFailure() const;

private:
  struct Failure {
    DatanodeAddress node;
    Status why;
    std::int64_t atMs;
    bool excluded;
  };
  bool revive();
  std::uint16_t replacementsFor(const Situation& situation);
  const Failure* failureOf(std::uint32_t node) const;

  const std::uint16_t replication_;
  std::vector<DatanodeAddress> recorded_;
  std::vector<DatanodeAddress> left_;  // of recorded_: have not failed since
  std::vector<Failure> failures_;      // one a node, in the order of the last
  unsigned allocations_ = 0;
  unsigned revivals_ = 0;
  unsigned replacements_ = 0;  // steps with some
  std::uint32_t pauseMs_ = 0;
};

}  // namespace cairn::client
