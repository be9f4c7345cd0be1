#include "namenode/journal/commit_loop.h"

#include <algorithm>
#include <utility>

#include "common/base/fault.h"
#include "common/log/log.h"

namespace cairn::nn {

namespace {

// Waking the journal's thread for half of fewer calls costs as much as serving them.
constexpr std::uint32_t SPLIT_BURST_MIN = 8;

Result<record::Group> commitOnPool(Store& store, const Overlay& changes,
                                   const GroupHeader& header) {
  TRY(faultError("nn.commit.before_write"));
  auto group = store.commit(changes, header);
  if (group.has_value()) TRY(faultError("nn.commit.after_sync"));
  return group;
}

}  // namespace

CommitLoop::CommitLoop(std::shared_ptr<Store> store, async::WorkPool& journalPool, kj::Timer& timer,
                       const io::Clock& clock, metrics::Registry& metrics)
    : store_(std::move(store)),
      journalPool_(journalPool),
      timer_(timer),
      clock_(clock),
      groupRows_(metrics.histogram("cairn_namenode_group_rows", "Rows changed by one group commit",
                                   metrics::COUNTS)),
      commitMicros_(metrics.histogram("cairn_namenode_commit_seconds",
                                      "Time to make one group of changes durable",
                                      metrics::LATENCY_MICROS)),
      groups_(metrics.counter("cairn_namenode_groups_total", "Groups of changes made durable")),
      pendingBytes_(metrics.gauge("cairn_namenode_pending_bytes",
                                  "Changes in the group that fills, keys and values")),
      last_(store_->openedAt()),
      durable_(last_.txid()),
      failed_(nullptr),
      tasks_(*this) {
  pending_ = newGroup(TxId(durable_.value + 1));
  auto paf = kj::newPromiseAndFulfiller<Status>();
  onFailed_ = kj::mv(paf.fulfiller);
  failed_ = paf.promise.fork();
}

CommitLoop::~CommitLoop() noexcept(false) = default;

std::shared_ptr<CommitLoop::Group> CommitLoop::newGroup(TxId txid) const {
  auto group = std::make_shared<Group>();
  group->txid = txid;
  auto paf = kj::newPromiseAndFulfiller<void>();
  group->finished = kj::mv(paf.fulfiller);
  group->onFinished = paf.promise.fork();
  return group;
}

Draft CommitLoop::draft() const {
  return Draft(Layers{.pending = pending_->changes.get(),
                      .inFlight = inFlight_ != nullptr ? inFlight_->changes.get() : nullptr,
                      .durable = &store_->latest()},
               pending_->txid);
}

TxId CommitLoop::accept(Draft& draft, Effect effect) {
  Group& group = *pending_;
  const bool soft = draft.soft();
  group.changes->absorb(draft.takeChanges());
  pendingBytes_.set(static_cast<std::int64_t>(group.changes->bytes()));
  if (effect) group.effects.push_back(std::move(effect));
  if (!soft) {
    group.wanted = true;
    ++group.accepted;
    schedule();
    if (splitAt_.has_value() && group.accepted >= *splitAt_) {
      splitAt_.reset();
      // The very next event; that of a fulfiller would be the last of the burst.
      tasks_.add(kj::Promise<void>(kj::READY_NOW).then([this]() { return write(); }));
    }
  } else if (!softTimer_) {
    softTimer_ = true;
    softTask_ = timer_.afterDelay(SOFT_DELAY_MS * kj::MILLISECONDS)
                    .then([this]() {
                      softTimer_ = false;
                      if (!pending_->changes->empty()) {
                        pending_->wanted = true;
                        schedule();
                      }
                    })
                    .eagerlyEvaluate(nullptr);
  }
  return group.txid;
}

TxId CommitLoop::restsOn(const Draft& draft) const {
  switch (draft.restsOn()) {
    case RestsOn::PENDING: return pending_->txid;
    case RestsOn::IN_FLIGHT: return inFlight_ != nullptr ? inFlight_->txid : durable_;
    case RestsOn::DURABLE: break;
  }
  return durable_;
}

TxId CommitLoop::newest() const {
  if (pending_->accepted > 0 || !pending_->changes->empty()) return pending_->txid;
  return inFlight_ != nullptr ? inFlight_->txid : durable_;
}

kj::Promise<Result<void>> CommitLoop::durable(TxId txid) {
  if (txid <= durable_) return Result<void>();
  if (refusal_.has_value()) return Result<void>(std::unexpected(*refusal_));
  auto group = groupOf(txid);
  auto finished = group->onFinished.addBranch();
  return finished.then([group = std::move(group)]() { return group->outcome(); });
}

std::shared_ptr<CommitLoop::Group> CommitLoop::groupOf(TxId txid) {
  if (inFlight_ != nullptr && txid <= inFlight_->txid) return inFlight_;
  if (!pending_->wanted) {
    pending_->wanted = true;
    schedule();
  }
  return pending_;
}

Result<void> CommitLoop::allowChanges() const {
  if (refusal_.has_value()) return fail(*refusal_);
  if (pending_->changes->bytes() > PENDING_BYTES_MAX) {
    constexpr std::uint32_t RETRY_MS = 100;
    return fail(Code::OVERLOADED, "too many changes wait for the namenode's disk", RETRY_MS);
  }
  return {};
}

kj::Promise<Status> CommitLoop::failed() { return failed_.addBranch(); }

void CommitLoop::schedule() {
  if (ordered_ || inFlight_ != nullptr || refusal_.has_value()) return;
  beginBurst();
  writeAfterBurst();
}

void CommitLoop::writeAfterBurst() {
  ordered_ = true;
  // After everything that is ready now.
  tasks_.add(kj::evalLast([this]() {
    ordered_ = false;
    return write();
  }));
}

void CommitLoop::beginBurst() {
  burstBeganMicros_ = clock_.monotonicMicros();
  burstBeganWith_ = pending_->accepted;
  // Twice: answers, and the callers' own work, take about as long again.
  const std::int64_t servingMicros = 2 * lastWaiting_ * microsPerDraft_;
  splitAt_.reset();
  if (lastWaiting_ >= SPLIT_BURST_MIN && lastTookMicros_ < servingMicros)
    splitAt_ = lastWaiting_ / 2;
}

void CommitLoop::endBurst() {
  splitAt_.reset();
  const std::uint32_t served = pending_->accepted - burstBeganWith_;
  if (served > 0) microsPerDraft_ = (clock_.monotonicMicros() - burstBeganMicros_) / served;
}

kj::Promise<void> CommitLoop::write() {
  if (inFlight_ != nullptr || !pending_->wanted || refusal_.has_value()) co_return;
  endBurst();
  inFlight_ = std::exchange(pending_, newGroup(TxId(pending_->txid.value + 1)));
  pendingBytes_.set(0);
  auto group = inFlight_;
  group->changes->sealCalls(group->txid);
  const GroupHeader header{.txid = group->txid, .timeMs = clock_.nowMs()};
  const std::int64_t beginMicros = clock_.monotonicMicros();
  auto written = co_await journalPool_
                     .run([store = store_, changes = group->changes, header]() {
                       return commitOnPool(*store, *changes, header);
                     })
                     .then([](Result<record::Group> result) { return result; },
                           [](kj::Exception&& e) -> Result<record::Group> {
                             return fail(Code::INTERNAL, e.getDescription().cStr());
                           });
  if (refusal_.has_value()) co_return;  // abandoned meanwhile
  if (!written.has_value()) {
    die(written.error());
    co_return;
  }
  lastTookMicros_ = clock_.monotonicMicros() - beginMicros;
  // All that wait for the disk are likely to come back together. Of those that came back from the
  // group before, some may not have been served yet.
  lastWaiting_ = group->accepted + std::max(pending_->accepted, lastAccepted_);
  lastAccepted_ = group->accepted;
  groups_.add();
  groupRows_.observe(group->changes->rowCount());
  commitMicros_.observe(static_cast<std::uint64_t>(lastTookMicros_));
  last_ = std::move(*written);
  durable_ = group->txid;
  inFlight_ = nullptr;
  group->finished->fulfill();
  for (auto& effect : group->effects) effect();
  group->effects.clear();
  writeNext();
}

void CommitLoop::writeNext() {
  if (!pending_->wanted || refusal_.has_value()) return;
  beginBurst();
  if (splitAt_.has_value() && pending_->accepted < *splitAt_) {
    writeAfterBurst();  // the disk is faster than the loop: it can wait for half of them
  } else {
    tasks_.add(write());
  }
}

void CommitLoop::taskFailed(kj::Exception&& e) {
  if (!refusal_.has_value()) die(Status(Code::INTERNAL, e.getDescription().cStr()));
}

void CommitLoop::die(Status why) {
  refusal_.emplace(Code::UNAVAILABLE,
                   "the namenode's log could not be written, so it takes no calls until it is "
                   "started again: " +
                       why.message());
  LOG(ERROR) << refusal_->message();
  store_->giveUp();
  loseGroups();
  onFailed_->fulfill(Status(*refusal_));
}

void CommitLoop::abandon() {
  softTask_ = kj::READY_NOW;
  if (refusal_.has_value()) return;
  refusal_.emplace(Code::UNAVAILABLE, "the namenode has stopped");
  loseGroups();
}

void CommitLoop::loseGroups() {
  for (const auto& group : {inFlight_, pending_}) {
    if (group == nullptr) continue;
    group->failure = refusal_;
    group->finished->fulfill();
  }
}

kj::Promise<void> CommitLoop::drain() {
  while (!refusal_.has_value() && (inFlight_ != nullptr || !pending_->changes->empty())) {
    if (inFlight_ == nullptr) pending_->wanted = true;
    schedule();
    co_await (inFlight_ != nullptr ? inFlight_ : pending_)->onFinished.addBranch();
  }
}

}  // namespace cairn::nn
