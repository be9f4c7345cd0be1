// Everything that the namenode's event loop owns, and the one way to change the namespace:
// State::change for calls, State::applyDuty for what the namenode does by itself. Layer: state.
// Threads: the state loop alone; the store is shared with the journal pool.
#pragma once

#include <kj/async.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/async/work_pool.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/config/namenode_config.h"
#include "common/rpc/host.h"
#include "namenode/datanodes/datanode_table.h"
#include "namenode/datanodes/safe_mode.h"
#include "namenode/datanodes/suspect_replicas.h"
#include "namenode/journal/call_records.h"
#include "namenode/journal/commit_loop.h"
#include "namenode/lease/lease_book.h"
#include "namenode/lease/recovery_book.h"
#include "namenode/meta/cold_reads.h"
#include "namenode/meta/id_allocator.h"
#include "namenode/meta/store.h"
#include "namenode/ops/context.h"
#include "namenode/ops/count_replicas.h"
#include "namenode/ops/newer_history.h"
#include "namenode/ops/recover_chunk.h"
#include "namenode/repair/repair_book.h"
#include "namenode/state/awake_clock.h"
#include "namenode/state/callers.h"
#include "namenode/state/rack_script.h"

namespace cairn::nn {

// Outcome of a change, and the group of changes that it rests on: nobody may be told before that is
// durable (CommitLoop::durable).
struct Applied {
  Result<record::Answer> answer;
  TxId rests;
};

// Who calls which changing operation.
struct ChangeCall {
  CallKey key;
  std::string_view method;
  Caller* caller = nullptr;
};

// How many chunks are short of replicas, as counted last.
struct Census {
  ReplicaCounts counts;
  std::uint64_t nodesVersion = 0;  // State::nodesVersion it was counted for
  bool valid = false;              // counted at all
};

class State {
public:
  // `host`, `journalPool` outlive it. Reads the leases and the datanodes from the store: O(open
  // files).
  static Result<std::unique_ptr<State>> make(rpc::Host& host, async::WorkPool& journalPool,
                                             const config::NamenodeConfig& config,
                                             std::shared_ptr<Store> store, Settings settings,
                                             GroupsOf groupsOf);
  KJ_DISALLOW_COPY(State);

  // --- Changes by calls ---
  // Whether changes are taken: not while stopping, in safe mode, overloaded or after a failed
  // write.
  Result<void> allowChanges() const;
  // Whether anything is served.
  Result<void> allowReads() const;
  // Runs `operate(Draft&, Context&) -> Result<Outcome>` once for this call, however often it comes:
  // a repetition gets the recorded answer. Takes its changes into the group that fills.
  // Of this and the next two: with a MemoryOnly in force that has missed a row nothing is done, and
  // the answer is none; change() ends it once its outcome is decided.
  template <typename Operate>
  Applied change(const ChangeCall& call, Operate&& operate);

  // Runs `operate(const Draft&, Context&) -> Result<record::Answer>`, which changes no row but may
  // hand out ids. The answer rests on their reservation, too.
  template <typename Operate>
  Applied promise(const Caller& caller, Operate&& operate);

  // --- Changes by the namenode itself ---
  // Accepts what `operate(Draft&) -> Result<Outcome>` did. `soft`: may be lost in a crash.
  template <typename Operate>
  Applied applyDuty(Operate&& operate, bool soft = false);

  std::int64_t monotonicMs() const { return host.clock.monotonicMs(); }
  // The same without the time in which this process stood still: for judging who is silent, and
  // when it was heard of.
  std::int64_t awakeMs() const { return awake_.at(monotonicMs()); }
  std::int64_t stoodStillMs() const {
    (void)awakeMs();
    return awake_.stoodStillMs();
  }
  Dice dice() {
    return [this](std::uint64_t n) { return host.random.below(n); };
  }
  SafeModeFacts safeModeFacts() const;
  // Whether what is on a datanode can be had now: it is connected, not silent, and has compared its
  // inventory.
  CountReplicas::Reachable reachable() const;
  CountReplicas::Suspect suspect() const;
  // Whether its copies count as gone.
  bool isGone(NodeId node) const;
  void takeCounts(const ReplicaCounts& counts, std::uint64_t nodesVersion);
  // Goes out with the primary's next heartbeat.
  void orderRecovery(NodeId primary, RecoveryOrder order);
  // A datanode came, went, or finished comparing: ends safe mode where that is enough.
  void datanodesChanged();
  // Signs that the directory is older than it should be: from the first on in safe mode, durably.
  void noteNewer(const NewerSigns& signs, std::string_view toldBy);
  // What datanodes heard before this epoch counts for nothing: an operator has given it up.
  Epoch givenUpBefore() const { return Epoch(newer_.given_up_before()); }
  // An operator's word to end safe mode. `force`: gives up what an older directory does not know;
  // then the epoch is a new one, and no id is handed out that a datanode has reported. Blocks for a
  // sync then. Its effects are to be waited for: commits.newest(). INVALID_ARGUMENT when it
  // stays on.
  Result<void> leaveSafeMode(bool force);

  rpc::Host& host;
  const config::NamenodeConfig config;
  const Settings settings;
  const std::shared_ptr<Store> store;
  IdAllocator ids;
  LeaseBook leases;
  RecoveryBook recoveries;  // the files that LeaseBook::NAMENODE holds
  RepairBook repairs;       // chunks that may have more or fewer replicas than wanted
  Callers callers;
  CallRecords calls;
  DatanodeTable datanodes;
  SafeMode safeMode;
  CommitLoop commits;
  Census census;
  std::uint64_t nodesVersion = 1;  // grows with each change of who is alive
  SuspectReplicas suspects;
  std::unique_ptr<RackScript> rackScript;  // null: there is none
  std::uint64_t nextSession = 1;
  bool stopping = false;

private:
  static std::unexpected<Status> notInMemory() {
    return fail(Code::INTERNAL, "rows have to be fetched first");
  }
  State(rpc::Host& host, async::WorkPool& journalPool, const config::NamenodeConfig& config,
        std::shared_ptr<Store> store, Settings settings, GroupsOf groupsOf);
  // The draft's changes join the group; what is derived from them follows. Takes everything out of
  // `outcome` but its answer.
  TxId accept(Draft& draft, Outcome& outcome);
  // Sees to it that the ids handed out so far will not be handed out again. Returns the group that
  // this rests on.
  TxId reserveIds();
  // What a durable outcome asks for besides its answer.
  void follow(const Outcome& outcome);
  // Whoever holds the file from now on, and whether it is in recovery.
  void holds(InodeId file, const ClientId& client);
  Result<void> releaseSilent(InodeId file);
  void reviewSafeMode();
  mutable AwakeClock awake_;
  record::NewerHistory newer_;
  TxId reservedIn_;  // the group with the newest reservation of ids
  Context contextOf(const Caller& caller) {
    return Context{.caller = caller,
                   .nowMs = host.clock.nowMs(),
                   .awakeMs = awakeMs(),
                   .settings = settings,
                   .ids = ids,
                   .leases = leases,
                   .closeFirst = {}};
  }
};

template <typename Operate>
Applied State::change(const ChangeCall& call, Operate&& operate) {
  if (auto allowed = allowChanges(); !allowed.has_value()) {
    return {std::unexpected(std::move(allowed).error()), commits.durableGroup()};
  }
  for (bool again = false;; again = true) {
    Draft draft = commits.draft();
    auto known = calls.find(draft, call.key, call.method);
    if (!known.has_value())
      return {std::unexpected(std::move(known).error()), commits.restsOn(draft)};
    if (known->has_value()) return {std::move(**known), commits.restsOn(draft)};
    Context context = contextOf(*call.caller);
    Result<Outcome> outcome = operate(draft, context);
    if (MemoryOnly::hasMissed()) return {notInMemory(), commits.durableGroup()};
    if (!outcome.has_value()) {
      if (context.closeFirst.has_value() && !again) {
        if (auto closed = releaseSilent(*context.closeFirst); closed.has_value()) continue;
      }
      return {std::unexpected(std::move(outcome).error()), commits.restsOn(draft)};
    }
    if (draft.empty()) {
      outcome->answer.set_txid(commits.restsOn(draft).value);
      return {std::move(outcome->answer), commits.restsOn(draft)};
    }
    outcome->answer.set_txid(draft.txid().value);
    MemoryOnly::end();
    calls.record(draft, call.key, call.method, outcome->answer, context.nowMs, monotonicMs());
    const TxId group = accept(draft, *outcome);
    return {std::move(outcome->answer), group};
  }
}

template <typename Operate>
Applied State::promise(const Caller& caller, Operate&& operate) {
  if (auto allowed = allowChanges(); !allowed.has_value()) {
    return {std::unexpected(std::move(allowed).error()), commits.durableGroup()};
  }
  const Draft draft = commits.draft();
  Context context = contextOf(caller);
  Result<record::Answer> answer = operate(draft, context);
  if (MemoryOnly::hasMissed()) return {notInMemory(), commits.durableGroup()};
  const TxId rests = std::max(commits.restsOn(draft), reserveIds());
  if (answer.has_value()) answer->set_txid(rests.value);
  return {std::move(answer), rests};
}

template <typename Operate>
Applied State::applyDuty(Operate&& operate, bool soft) {
  if (auto allowed = commits.allowChanges(); !allowed.has_value()) {
    return {std::unexpected(std::move(allowed).error()), commits.durableGroup()};
  }
  Draft draft = commits.draft();
  Result<Outcome> outcome = operate(draft);
  if (MemoryOnly::hasMissed()) return {notInMemory(), commits.durableGroup()};
  if (!outcome.has_value())
    return {std::unexpected(std::move(outcome).error()), commits.restsOn(draft)};
  const TxId rests = commits.restsOn(draft);
  if (draft.empty()) {
    if (!outcome->hasEffects()) return {std::move(outcome->answer), rests};
    // What they rest on has to be durable first: data must not go for a removal that may be lost.
    if (commits.isDurable(rests)) {
      follow(*outcome);
      return {std::move(outcome->answer), rests};
    }
  } else if (soft) {
    draft.markSoft();
  }
  const TxId group = accept(draft, *outcome);
  return {std::move(outcome->answer), group};
}

}  // namespace cairn::nn
