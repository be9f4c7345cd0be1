// How a ReplicaStore recovers replicas whose writer is gone, and takes in copies of others'.
#include <algorithm>
#include <utility>

#include "common/base/limits.h"
#include "datanode/store/replica_cut.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

// --- Recovering ---

Result<void> ReplicaStore::promise(const ReplicaKey& recorded, GenerationStamp newGeneration) {
  if (newGeneration <= recorded.generation) {
    return fail(Code::INVALID_ARGUMENT, recorded.toString() +
                                            " cannot be recovered as generation " +
                                            std::to_string(newGeneration.value));
  }
  TRY(checkNewest({recorded.chunk, newGeneration}));
  promises_.promise(recorded.chunk, newGeneration);
  return {};
}

kj::Promise<Result<FoundReplica>> ReplicaStore::prepareRecovery(ReplicaKey recorded,
                                                                GenerationStamp newGeneration) {
  return uninterrupted(prepareNow(recorded, newGeneration));
}

kj::Promise<Result<FoundReplica>> ReplicaStore::prepareNow(ReplicaKey recorded,
                                                           GenerationStamp newGeneration) {
  const auto lock = co_await locks_.take(recorded.chunk);
  CO_TRY(promise(recorded, newGeneration));
  CO_ASSIGN(const auto key,
            co_await takeInHand(recorded.chunk, recorded.generation, newGeneration));
  const auto& replica = *table_.find(key);
  FoundReplica found{
      .generation = key.generation, .length = replica.length, .damaged = replica.damaged};
  if (replica.state == ReplicaState::RBW) found.state = FoundReplica::State::WRITING;
  if (replica.state == ReplicaState::WAITING) found.state = FoundReplica::State::WAITING;
  co_return found;
}

kj::Promise<Result<FinalName>> ReplicaStore::recover(ReplicaKey recorded,
                                                     GenerationStamp newGeneration,
                                                     std::uint64_t length) {
  return uninterrupted(recoverNow(recorded, newGeneration, length));
}

kj::Promise<Result<FinalName>> ReplicaStore::recoverNow(ReplicaKey recorded,
                                                        GenerationStamp newGeneration,
                                                        std::uint64_t length) {
  const auto lock = co_await locks_.take(recorded.chunk);
  CO_TRY(promise(recorded, newGeneration));
  CO_ASSIGN(const auto old,
            co_await takeInHand(recorded.chunk, recorded.generation, newGeneration));
  const auto before = *table_.find(old);
  const bool wasFinal = before.state == ReplicaState::FINAL;
  const FinalName name{old, before.length, before.storedLength};
  const ReplicaKey key{recorded.chunk, newGeneration};
  if (wasFinal && old == key && before.length == length) co_return name;  // done before
  if (before.length < length || (wasFinal && old == key)) {
    co_return fail(Code::INVALID_ARGUMENT, "the replica of " + old.toString() + " has " +
                                               std::to_string(before.length) + " bytes, not " +
                                               std::to_string(length));
  }
  open_.forget(old);
  auto changing = before;
  changing.state = ReplicaState::WRITING;
  table_.put(old, changing);
  ResumeSource source{.key = old, .sealed = {}, .known = {}};
  if (wasFinal) source.sealed = name;
  auto traces = std::make_shared<ResumeTraces>();
  auto recovered = co_await cut(before.volume, kj::mv(source), key, length, traces);
  if (table_.find(old) == nullptr) {
    co_return fail(Code::IO_ERROR, "the volume of the replica of " + old.toString() + " failed");
  }
  if (!recovered.has_value()) {
    restore(old, before, *traces, recovered.error());
    co_return kj::mv(recovered);
  }
  const bool wasDamaged = forgetDamage(old, before.volume);
  table_.remove(old);
  if (old != key) news_.add(old, {});
  take(before.volume, key,
       {.length = recovered->length,
        .storedLength = recovered->storedLength,
        .state = ReplicaState::FINAL});
  // It has the same frames. Where none that is kept was damaged, whoever reads them next finds out.
  if (wasDamaged) {
    knowDamaged(key);
    tellAgain(key);
  }
  wakeup_.ring();
  co_return kj::mv(recovered);
}

kj::Promise<Result<FinalName>> ReplicaStore::cut(std::size_t volume, ResumeSource source,
                                                 ReplicaKey key, std::uint64_t length,
                                                 std::shared_ptr<ResumeTraces> traces) {
  CO_ASSIGN(
      std::shared_ptr<ReplicaCut> cut,
      co_await run(volume, Urgency::REPAIR,
                   [on = lanes_[volume].volume, source, key, length, cluster = identity_.cluster](
                       Volume&) { return ReplicaCut::begin(on, source, key, cluster, length); }));
  // A replica that keeps all its bytes needs no look: its sums stand in its trailer.
  const bool whole = source.sealed && source.sealed->length == length;
  for (bool done = whole; !done;) {
    CO_ASSIGN(done, co_await run(volume, Urgency::REPAIR, [cut](Volume&) { return cut->next(); }));
  }
  co_return co_await run(volume, Urgency::REPAIR,
                         [cut, traces](Volume&) { return cut->finish(*traces); });
}

// --- Copying ---

ReplicaStore::Copying::Copying(ReplicaStore& store, std::size_t volume, std::uint64_t bytes)
    : store_(&store), volume_(volume), promisedBytes_(bytes) {
  store.lanes_[volume].promisedBytes += bytes;
  ++store.lanes_[volume].writers;
}

ReplicaStore::Copying::Copying(Copying&& other) noexcept
    : store_(std::exchange(other.store_, nullptr)),
      volume_(other.volume_),
      promisedBytes_(other.promisedBytes_),
      copy_(std::move(other.copy_)) {}

ReplicaStore::Copying::~Copying() {
  if (store_ == nullptr || store_->closing_) return;
  store_->lanes_[volume_].promisedBytes -= promisedBytes_;
  --store_->lanes_[volume_].writers;
  if (copy_ == nullptr) return;
  // Its file is removed where that may block.
  store_->tasks_.add(store_
                         ->run(volume_, Urgency::REPAIR,
                               [copy = std::move(copy_)](Volume&) mutable -> Result<void> {
                                 copy = nullptr;
                                 return {};
                               })
                         .ignoreResult());
}

kj::Promise<Result<ReplicaStore::Copying>> ReplicaStore::beginCopy(ReplicaKey key,
                                                                   std::uint64_t lengthMax,
                                                                   format::ChunkScan::Depth depth) {
  CO_TRY(checkNewest(key));
  const auto volume = volumeFor(lengthMax, {});
  if (!volume) co_return fail(noRoom(lengthMax));
  Copying copying(*this, *volume, promiseFor(freeBytesOf(lanes_[*volume]), lengthMax));
  // The writer's own frame size is not known here; frames say for themselves how long they are.
  const format::ChunkHeader header{.cluster = identity_.cluster,
                                   .chunk = key.chunk,
                                   .codec = format::Codec::ZSTD,
                                   .frameSize = limits::FRAME_SIZE_MAX};
  CO_ASSIGN(copying.copy_, co_await run(*volume, Urgency::REPAIR,
                                        [on = lanes_[*volume].volume, key, header, depth](Volume&) {
                                          return ReplicaCopy::create(on, key, header, depth);
                                        }));
  co_return kj::mv(copying);
}

kj::Promise<Result<void>> ReplicaStore::appendCopy(const Copying& copying,
                                                   std::shared_ptr<const ByteVector> frames) {
  return run(copying.volume_, Urgency::REPAIR,
             [copy = copying.copy_, frames = std::move(frames)](Volume&) {
               return copy->append(*frames);
             });
}

kj::Promise<Result<void>> ReplicaStore::adopt(Copying copying) {
  return uninterrupted(adoptNow(kj::mv(copying)));
}

kj::Promise<Result<void>> ReplicaStore::publish(Copying copying) {
  return uninterrupted(publishNow(kj::mv(copying)));
}

Result<void> ReplicaStore::stillInService(std::size_t volume) const {
  const auto& on = lanes_[volume].volume;
  if (!on->failed()) return {};
  return fail(Code::IO_ERROR, on->path() + " has failed meanwhile");
}

kj::Promise<Result<void>> ReplicaStore::makeWay(ReplicaKey key, Kept kept) {
  CO_TRY(checkNewest(key));
  const auto* const known = table_.find(key);
  if (known == nullptr) co_return Result<void>();
  const auto old = *known;
  bool keep = old.length >= kept.unfinishedFrom;
  if (old.state == ReplicaState::FOUND) keep = false;
  if (old.state == ReplicaState::WRITING) keep = true;
  if (old.state == ReplicaState::FINAL) {
    keep = old.length == kept.finalOfLength.value_or(old.length);
  }
  if (keep) {
    co_return fail(Code::ALREADY_EXISTS, "a replica of " + key.toString() + " is here");
  }
  open_.forget(key);
  // Nobody is to take it for one that has lost its file.
  auto changing = old;
  changing.state = ReplicaState::WRITING;
  table_.put(key, changing);
  auto aside = co_await run(old.volume, Urgency::REPAIR,
                            [path = pathOf(key, old)](Volume& on) { return on.quarantine(path); });
  if (!aside.has_value()) {
    if (table_.find(key) != nullptr) table_.put(key, old);
    co_return fail(kj::mv(aside).error());
  }
  table_.remove(key);
  forgetDamage(key, old.volume);
  // Also of an unfinished one: older news of it, not told yet, would let it count.
  news_.add(key, {});
  ++quarantined_;
  co_return Result<void>();
}

kj::Promise<Result<void>> ReplicaStore::publishNow(Copying copying) {
  const auto key = copying.copy_->key();
  const auto lock = co_await locks_.take(key.chunk);
  // However long an unfinished one is: of a chunk that is finished elsewhere it is worth nothing.
  CO_TRY(co_await makeWay(key, {.unfinishedFrom = limits::CHUNK_SIZE_MAX + 1,
                                .finalOfLength = copying.copy_->length()}));
  CO_ASSIGN(const auto name,
            co_await run(copying.volume_, Urgency::REPAIR,
                         [copy = copying.copy_](Volume&) { return copy->publish(); }));
  CO_TRY(stillInService(copying.volume_));
  take(copying.volume_, key,
       {.length = name.length, .storedLength = name.storedLength, .state = ReplicaState::FINAL});
  wakeup_.ring();
  co_return Result<void>();
}

kj::Promise<Result<void>> ReplicaStore::adoptNow(Copying copying) {
  const auto key = copying.copy_->key();
  const auto lock = co_await locks_.take(key.chunk);
  CO_TRY(co_await makeWay(key, {.unfinishedFrom = copying.copy_->length(), .finalOfLength = {}}));
  CO_TRY(co_await run(copying.volume_, Urgency::REPAIR,
                      [copy = copying.copy_](Volume&) { return copy->adopt(); }));
  CO_TRY(stillInService(copying.volume_));
  take(copying.volume_, key,
       {.length = copying.copy_->length(),
        .storedLength = copying.copy_->storedLength(),
        .visible = copying.copy_->length(),
        .state = ReplicaState::RBW});
  wakeup_.ring();
  co_return Result<void>();
}

}  // namespace cairn::dn
