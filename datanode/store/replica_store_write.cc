// How replicas are written in a ReplicaStore: begun, resumed, sealed, left unfinished.
#include <kj/debug.h>

#include <algorithm>
#include <set>
#include <utility>

#include "common/log/log.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

Writing::~Writing() noexcept(false) {
  if (state_ != nullptr && !state_->isOver) store_->tasks_.add(store_->end(std::move(state_)));
}

Status ReplicaStore::takenAway(const ReplicaKey& key) {
  return {Code::CANCELLED, "somebody else has taken over the replica of " + key.toString()};
}

Result<void> ReplicaStore::checkNewest(const ReplicaKey& key) const {
  if (const auto newest = table_.newestOf(key.chunk); newest && *newest > key.generation) {
    return fail(absent(key));
  }
  if (const auto promised = promises_.of(key.chunk); promised > key.generation) {
    return fail(Code::STALE, key.toString() +
                                 " comes too late: the chunk is being recovered as generation " +
                                 std::to_string(promised.value));
  }
  return {};
}

// --- Beginning ---

kj::Promise<Result<Writing>> ReplicaStore::create(NewReplica replica) {
  return uninterrupted(createNow(replica));
}

kj::Promise<Result<Writing>> ReplicaStore::createNow(NewReplica replica) {
  const auto lock = co_await locks_.take(replica.key.chunk);
  if (table_.find(replica.key) != nullptr) {
    co_return fail(Code::ALREADY_EXISTS, "a replica of " + replica.key.toString() + " is here");
  }
  CO_TRY(checkNewest(replica.key));
  if (volumesInService() == 0) {
    co_return fail(Code::IO_ERROR, "no volume of this datanode is in service");
  }
  const format::ChunkHeader header{.cluster = identity_.cluster,
                                   .chunk = replica.key.chunk,
                                   .codec = replica.codec,
                                   .frameSize = replica.frameSize};
  std::set<std::size_t> tried;
  auto failure = noRoom(replica.lengthMax);
  while (const auto volume = volumeFor(replica.lengthMax, tried)) {
    auto& lane = lanes_[*volume];
    auto writing = beginWriting(replica.key, *volume, replica.lengthMax);
    auto created =
        co_await run(*volume, Urgency::CLIENT, [volume = lane.volume, header, replica](Volume&) {
          return ReplicaAppender::create(volume, replica.key, header, replica.depth,
                                         replica.lengthMax);
        });
    if (created.has_value()) {
      writing.state_->appender = kj::mv(*created);
      appended(writing);
      forgetLost(replica.key);
      co_return kj::mv(writing);
    }
    table_.remove(replica.key);
    over(*writing.state_, 0);
    failure = kj::mv(created).error();
    // A disk that takes nothing new must not keep writers from the others.
    if (failure.code() == Code::ALREADY_EXISTS) break;
    LOG(WARNING) << lane.source.disk.pathOf("") << " took no replica: " << failure.message();
    tried.insert(*volume);
  }
  co_return fail(kj::mv(failure));
}

std::optional<std::size_t> ReplicaStore::volumeFor(std::uint64_t lengthMax,
                                                   const std::set<std::size_t>& tried) const {
  std::vector<VolumeLoad> loads;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto& lane = lanes_[i];
    loads.push_back({.freeBytes = freeBytesOf(lane),
                     .writers = lane.writers,
                     .inService = lane.volume && !lane.volume->failed() && !tried.contains(i)});
  }
  return chooseVolume(loads, lengthMax);
}

Writing ReplicaStore::beginWriting(const ReplicaKey& key, std::size_t volume,
                                   std::uint64_t lengthMax) {
  auto& lane = lanes_[volume];
  auto writer = std::make_shared<WriterState>();
  writer->key = key;
  writer->volume = volume;
  writer->promisedBytes = promiseFor(freeBytesOf(lane), lengthMax);
  lane.promisedBytes += writer->promisedBytes;
  ++lane.writers;
  Replica replica{.volume = static_cast<std::uint8_t>(volume), .state = ReplicaState::WRITING};
  if (const auto* known = table_.find(key)) {
    replica = *known;
    // Whoever reads a file sees no less of it while a writer begins to append.
    if (known->state == ReplicaState::FINAL) replica.visible = known->length;
    replica.state = ReplicaState::WRITING;
  }
  table_.put(key, replica);
  writers_.insert_or_assign(key, writer);
  return {*this, std::move(writer)};
}

// --- Resuming ---

kj::Promise<Result<Writing>> ReplicaStore::resume(ResumeReplica replica) {
  return uninterrupted(resumeNow(replica));
}

kj::Promise<Result<ReplicaKey>> ReplicaStore::takeInHand(ChunkId chunk, GenerationStamp from,
                                                         GenerationStamp to) {
  while (true) {
    const auto newest = table_.newestOf(chunk);
    if (!newest || *newest < from) {
      if (auto gone = lost({chunk, from})) co_return fail(*std::move(gone));
      co_return fail(Code::NOT_FOUND, "no replica of " + ReplicaKey{chunk, from}.toString() +
                                          " or a newer one is here");
    }
    const ReplicaKey key{chunk, *newest};
    if (*newest > to) co_return fail(absent({chunk, to}));
    co_await endWriterOf(key);
    const auto* known = table_.find(key);
    if (known == nullptr) continue;  // ordered away, or its volume failed
    if (known->state != ReplicaState::FOUND) co_return key;
    if (auto opened = co_await openUnfinished(key, Urgency::CLIENT); !opened.has_value()) {
      co_return fail(kj::mv(opened).error());
    }
  }
}

kj::Promise<Result<Writing>> ReplicaStore::resumeNow(ResumeReplica want) {
  const auto lock = co_await locks_.take(want.key.chunk);
  CO_TRY(checkNewest(want.key));
  CO_ASSIGN(const auto old, co_await takeInHand(want.key.chunk, want.from, want.key.generation));
  CO_TRY(checkNewest(want.key));
  const auto before = *table_.find(old);
  const bool wasFinal = before.state == ReplicaState::FINAL;
  ResumeSource source{.key = old, .sealed = {}, .known = {}};
  source.shown = wasFinal ? before.length : before.visible;
  if (wasFinal) source.sealed = FinalName{old, before.length, before.storedLength};
  if (wasFinal && old == want.key) {
    co_return fail(Code::ALREADY_EXISTS,
                   "the replica of " + want.key.toString() + " is here and finished");
  }
  if (before.length < want.length) {
    co_return fail(Code::INVALID_ARGUMENT, "the replica of " + old.toString() + " has " +
                                               std::to_string(before.length) + " bytes, not " +
                                               std::to_string(want.length));
  }
  if (!wasFinal) {
    CO_ASSIGN(source.known, co_await openUnfinished(old, Urgency::CLIENT));
    const auto* known = table_.find(old);
    if (known == nullptr || *known != before) co_return fail(absent(want.key));
  }
  open_.forget(old);
  // Under its old name as long as the file may have that; nobody else touches it meanwhile.
  auto writing = beginWriting(old, before.volume, want.lengthMax - want.length);
  auto traces = std::make_shared<ResumeTraces>();
  auto resumed =
      co_await run(before.volume, Urgency::CLIENT,
                   [volume = lanes_[before.volume].volume, source, want, traces,
                    cluster = identity_.cluster](Volume&) {
                     return ReplicaAppender::resume(volume, source, want.key, cluster, want.length,
                                                    want.depth, want.lengthMax, *traces);
                   });
  auto& writer = *writing.state_;
  const bool here = table_.find(old) != nullptr;  // else its volume has failed
  if (resumed.has_value() && here) {
    writer.wasDamaged = forgetDamage(old, before.volume);
    table_.remove(old);
    writers_.erase(old);
    if (old != want.key) news_.add(old, {});
    writer.key = want.key;
    writers_.insert_or_assign(want.key, writing.state_);
    writer.appender = kj::mv(*resumed);
    // Readers go on to see what they have seen.
    writer.acknowledged = writer.appender->length();
    table_.put(want.key, {.volume = before.volume, .state = ReplicaState::WRITING});
    forgetLost(want.key);
    appended(writing);
    news_.add(want.key, newsOf(*table_.find(want.key)));
    co_return kj::mv(writing);
  }
  over(writer, 0);
  if (!here) {
    co_return fail(Code::IO_ERROR, "the volume of the replica of " + old.toString() + " failed");
  }
  restore(old, before, *traces, resumed.error());
  co_return fail(kj::mv(resumed).error());
}

void ReplicaStore::restore(const ReplicaKey& key, const Replica& before, const ResumeTraces& traces,
                           const Status& why) {
  auto after = before;
  if (traces.reopened) {
    after.state = ReplicaState::RBW;
    after.visible = before.length;
  }
  if (traces.cutTo) {
    after.length = *traces.cutTo;
    after.damaged = false;
    after.visible = std::min(after.visible, after.length);
  }
  take(before.volume, key, after);
  // Not as a good one.
  if (after.state == ReplicaState::FINAL && damaged_.contains(key)) tellAgain(key);
  if (why.code() == Code::CORRUPT) damaged(key, before.incarnation, why);
}

// --- While it is written ---

void ReplicaStore::appended(const Writing& writing) {
  auto& writer = *writing.state_;
  if (writer.ended) return;  // whoever ended it asks the appender
  const auto& all = writer.appender->index();
  while (writer.index.framesEnd() < writer.appender->storedLength()) {
    const auto frame = all.frame(writer.index.frameCount());
    const auto added = writer.index.add(static_cast<std::uint32_t>(frame.plainLength),
                                        static_cast<std::uint32_t>(frame.fileLength));
    KJ_ASSERT(added.has_value(), "an index holds what another one of its kind held");
  }
  if (!isCurrent(writer)) return;
  auto replica = *table_.find(writer.key);
  replica.length = writer.appender->length();
  replica.storedLength = writer.appender->storedLength();
  replica.visible = writer.acknowledged;
  table_.put(writer.key, replica);
}

Result<void> ReplicaStore::acknowledged(const WritingProgress& progress, std::uint64_t length) {
  auto& writer = *progress.state_;
  if (writer.isSealed) return {};
  if (writer.ended && !writer.isSealing) return fail(takenAway(writer.key));
  writer.acknowledged = std::max(writer.acknowledged, std::min(length, writer.index.plainLength()));
  if (!isCurrent(writer)) return {};
  auto replica = *table_.find(writer.key);
  replica.visible = writer.acknowledged;
  table_.put(writer.key, replica);
  return {};
}

// --- Ending ---

kj::Promise<Result<FinalName>> ReplicaStore::seal(Writing writing, SealSums sums) {
  return uninterrupted(sealNow(kj::mv(writing), std::move(sums)));
}

kj::Promise<Result<FinalName>> ReplicaStore::sealNow(Writing writing, SealSums sums) {
  auto& writer = *writing.state_;
  while (!writer.ended && !writer.appender->isCounted(sums)) {
    CO_TRY(co_await run(writing, [](ReplicaAppender& appender) { return appender.count(); }));
  }
  if (writer.ended) co_return fail(takenAway(writer.key));
  writer.isSealing = true;
  auto name = co_await run(writing, [sums](ReplicaAppender& on) { return on.seal(sums); });
  writer.isSealing = false;
  if (name.has_value()) sealed(writer, *name);
  co_return kj::mv(name);
}

void ReplicaStore::sealed(WriterState& writer, const FinalName& name) {
  writer.isSealed = true;
  if (!isCurrent(writer)) {
    // The namenode ordered it away while it was being sealed.
    tasks_.add(removeSealed(writer.volume, name));
  } else {
    take(writer.volume, writer.key,
         {.length = name.length,
          .storedLength = name.storedLength,
          .volume = static_cast<std::uint8_t>(writer.volume),
          .state = ReplicaState::FINAL});
    if (writer.wasDamaged) {
      knowDamaged(writer.key);
      tellAgain(writer.key);
    }
    wakeup_.ring();
  }
  over(writer, name.storedLength);
}

kj::Promise<void> ReplicaStore::removeSealed(std::size_t volume, FinalName name) {
  const auto lock = co_await locks_.take(name.key.chunk);
  const auto* const known = table_.find(name.key);
  const auto path = finalPathOf(name);
  // A copy that has come meanwhile may have the same name, and so taken its place.
  if (known != nullptr && known->volume == volume && pathOf(name.key, *known) == path) co_return;
  co_await run(volume, Urgency::BACKGROUND, [path](Volume& on) {
    return on.removeReplica(path);
  }).ignoreResult();
}

bool ReplicaStore::isCurrent(const WriterState& writer) const {
  const auto at = writers_.find(writer.key);
  if (at == writers_.end() || at->second.get() != &writer) return false;
  const auto* known = table_.find(writer.key);
  return known != nullptr && known->state == ReplicaState::WRITING;
}

kj::Promise<void> ReplicaStore::endWriterOf(const ReplicaKey& key) {
  const auto at = writers_.find(key);
  return at == writers_.end() ? kj::Promise<void>(kj::READY_NOW) : end(at->second);
}

kj::Promise<void> ReplicaStore::end(std::shared_ptr<WriterState> writer) {
  if (writer->isOver || closing_) return kj::READY_NOW;
  writer->ended = true;
  if (!writer->isSealing && !writer->isWindingUp) {
    writer->isWindingUp = true;
    tasks_.add(windUp(writer));
  }
  auto pair = kj::newPromiseAndFulfiller<void>();
  writer->waiters.push_back(kj::mv(pair.fulfiller));
  return kj::mv(pair.promise);
}

kj::Promise<void> ReplicaStore::windUp(std::shared_ptr<WriterState> writer) {
  // Its last job goes on, though nobody waits for it any more.
  co_await writer->jobs->none();
  if (auto appender = writer->appender) {
    // What is known of it stays at hand: the writer, or a reader, may soon be back.
    const auto known =
        co_await run(writer->volume, Urgency::CLIENT, [appender](Volume&) -> OpenedFile {
          appender->abandon();
          return appender->known();
        });
    if (isCurrent(*writer)) {
      auto replica = *table_.find(writer->key);
      replica.state = ReplicaState::RBW;
      replica.length = appender->length();
      replica.storedLength = appender->storedLength();
      replica.visible = writer->acknowledged;
      take(writer->volume, writer->key, replica);
      if (known.has_value() && *known != nullptr) open_.keep(writer->key, *known);
      wakeup_.ring();
    }
  }
  over(*writer, writer->appender ? writer->appender->storedLength() : 0);
}

void ReplicaStore::over(WriterState& writer, std::uint64_t storedBytes) {
  writer.ended = true;
  writer.isOver = true;
  auto& lane = lanes_[writer.volume];
  lane.promisedBytes -= writer.promisedBytes;
  --lane.writers;
  // Until the disk is asked again.
  lane.space.freeBytes -= std::min(lane.space.freeBytes, storedBytes);
  for (auto& waiter : std::exchange(writer.waiters, {})) waiter->fulfill();
  if (const auto at = writers_.find(writer.key);
      at != writers_.end() && at->second.get() == &writer) {
    writers_.erase(at);
  }
}

}  // namespace cairn::dn
