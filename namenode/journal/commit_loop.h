// Makes changes durable, many in one sync: the group commit of the namenode.
// Layer: journal.  Threads: everything here runs on the state loop but Store::commit, which runs on
// the journal pool (one thread), one group at a time.
//
// Two groups exist at a time: one is being written, the other is filling meanwhile. An operation
// reads through both (Draft), so it sees what was accepted before it, durable or not; nobody is
// told of any of it before it is durable: whoever answers a caller waits for durable() of what the
// answer rests on.
//
// When a group is written. At the end of the burst of calls that is being served, so that they
// share one sync, or where the disk is still at work then, as soon as it is done. But callers that
// wait for the same sync come back together, and then the disk is idle while they are served and
// the loop while they are written. Where serving them takes about as long as writing, a group is
// therefore written as soon as half of them are in it, and the other half is served meanwhile; a
// disk that is done before that waits for the half or the end of the burst.
//
// After a failed write nothing that was accepted since can be told true or false: both groups are
// dead, and so is the loop. refusal() says why, every waiter gets the same, failed() settles: the
// process has to be started again, which reads from the disk what is really there.
#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/async/coroutine.h"
#include "common/async/work_pool.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/io/clock.h"
#include "common/metrics/metrics.h"
#include "namenode/meta/draft.h"
#include "namenode/meta/store.h"

namespace cairn::nn {

// Changes that wait for the disk, in bytes of keys and values; above it changes are refused with
// OVERLOADED. About 100 000 creates: seconds of work for a slow disk.
inline constexpr std::size_t PENDING_BYTES_MAX = 64 << 20;
// How long soft changes wait for a group to ride with before they are written without one.
inline constexpr std::uint32_t SOFT_DELAY_MS = 50;

class CommitLoop final : private kj::TaskSet::ErrorHandler {
public:
  using Effect = std::move_only_function<void()>;

  // All outlive it. `store` is shared with the jobs on the pool.
  CommitLoop(std::shared_ptr<Store> store, async::WorkPool& journalPool, kj::Timer& timer,
             const io::Clock& clock, metrics::Registry& metrics);
  ~CommitLoop() noexcept(false);
  KJ_DISALLOW_COPY(CommitLoop);

  // --- Operations. A draft is made, filled and accepted, or dropped, without a pause in between.
  // ---
  Draft draft() const;
  // Takes the changes into the group that fills. `effect` runs once they are durable.
  // REQUIRES: refusal() is empty. Returns the group they are in.
  TxId accept(Draft& draft, Effect effect = {});
  // The newest group that something the draft has read comes from.
  TxId restsOn(const Draft& draft) const;

  // Settles when this group and all before it are durable; with refusal() when they never will be.
  kj::Promise<Result<void>> durable(TxId group);
  // The same for the path of every change: `then(Result<void>)` runs when it is settled, in one
  // step of the event loop. REQUIRES: !isDurable(group).
  template <typename Then>
  kj::Promise<void> whenDurable(TxId group, Then then);
  bool isDurable(TxId group) const { return group <= durable_; }
  TxId durableGroup() const { return durable_; }
  // The newest group that anything was accepted into.
  TxId newest() const;
  // The last durable group's record: counts.
  const record::Group& last() const { return last_; }

  // --- State ---
  // Why no change is taken now: OVERLOADED, or UNAVAILABLE for good. Empty: go on.
  const std::optional<Status>& refusal() const { return refusal_; }
  // OVERLOADED while too much waits.
  Result<void> allowChanges() const;
  // Settles with the reason when the loop has died.
  kj::Promise<Status> failed();
  // Settles when all that was accepted is durable, or lost.
  kj::Promise<void> drain();
  // Gives up at once what is not durable yet, as a crash would: waiters get UNAVAILABLE.
  void abandon();

private:
  struct Group {
    TxId txid;
    // Shared with the job on the journal pool, which may be the last to let go of it: the rest of a
    // group belongs to the state loop's thread.
    std::shared_ptr<Overlay> changes = std::make_shared<Overlay>();
    bool wanted = false;         // to be written as soon as possible
    std::uint32_t accepted = 0;  // drafts that have to survive a crash
    std::vector<Effect> effects;
    std::optional<Status> failure;
    kj::Own<kj::PromiseFulfiller<void>> finished;
    kj::ForkedPromise<void> onFinished = nullptr;

    Result<void> outcome() const {
      if (failure.has_value()) return std::unexpected(*failure);
      return {};
    }
  };
  std::shared_ptr<Group> newGroup(TxId txid) const;
  // The group that carries it, to be written soon. REQUIRES: it is not durable, refusal() is empty.
  std::shared_ptr<Group> groupOf(TxId txid);
  void schedule();
  // A burst of calls has begun: decides whether it is to be split.
  void beginBurst();
  void endBurst();
  // Writes the group that fills, and orders the next one to be written; nothing where one is under
  // way, or none is wanted.
  kj::Promise<void> write();
  void writeNext();
  void writeAfterBurst();
  void taskFailed(kj::Exception&& e) override;
  void die(Status why);
  void loseGroups();

  const std::shared_ptr<Store> store_;
  async::WorkPool& journalPool_;
  kj::Timer& timer_;
  const io::Clock& clock_;
  metrics::Histogram& groupRows_;
  metrics::Histogram& commitMicros_;
  metrics::Counter& groups_;
  metrics::Gauge& pendingBytes_;

  record::Group last_;
  TxId durable_;
  std::shared_ptr<Group> pending_;
  std::shared_ptr<Group> inFlight_;
  std::optional<Status> refusal_;
  bool ordered_ = false;  // to be written after the burst
  // Drafts with which the burst that is being served is split; nothing: not at all, or no burst is
  // being served.
  std::optional<std::uint32_t> splitAt_;
  std::int64_t burstBeganMicros_ = 0;
  std::uint32_t burstBeganWith_ = 0;  // drafts accepted before it
  std::int64_t microsPerDraft_ = 0;   // to serve it, in the last burst
  std::int64_t lastTookMicros_ = 0;   // to write the last group
  std::uint32_t lastAccepted_ = 0;    // drafts in it
  std::uint32_t lastWaiting_ = 0;     // and those that wait beside it
  bool softTimer_ = false;
  kj::Own<kj::PromiseFulfiller<Status>> onFailed_;
  kj::ForkedPromise<Status> failed_;
  kj::Promise<void> softTask_ = kj::READY_NOW;
  kj::TaskSet tasks_;  // last: dies first
};

template <typename Then>
kj::Promise<void> CommitLoop::whenDurable(TxId txid, Then then) {
  if (refusal_.has_value()) {
    then(Result<void>(std::unexpected(*refusal_)));
    return kj::READY_NOW;
  }
  auto group = groupOf(txid);
  auto finished = group->onFinished.addBranch();
  return finished.then(
      [group = std::move(group), then = std::move(then)]() mutable { then(group->outcome()); });
}

}  // namespace cairn::nn
