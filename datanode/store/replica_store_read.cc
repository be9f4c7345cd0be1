// How replicas are looked at and opened for reading in a ReplicaStore.
#include <algorithm>
#include <utility>

#include "common/base/limits.h"
#include "common/log/log.h"
#include "datanode/store/index_walk.h"
#include "datanode/store/replica_store.h"
#include "datanode/store/unfinished_look.h"

namespace cairn::dn {
namespace {

// Changes of a replica are a few calls of the disk.
Status changing(const ReplicaKey& key) {
  constexpr std::uint32_t RETRY_MS = 100;
  return {Code::UNAVAILABLE, "the replica of " + key.toString() + " is just being changed",
          RETRY_MS};
}

}  // namespace

// --- Looking ---

kj::Promise<Result<VisibleReplica>> ReplicaStore::look(ReplicaKey key) {
  const auto* known = table_.find(key);
  if (known != nullptr && known->state == ReplicaState::FOUND) {
    CO_TRY(co_await openUnfinished(key, Urgency::CLIENT));
    known = table_.find(key);
  }
  if (known == nullptr) co_return fail(absent(key));
  if (known->state == ReplicaState::FINAL) {
    co_return VisibleReplica{known->length, known->storedLength, true};
  }
  co_return VisibleReplica{known->visible, known->storedLength, false};
}

kj::Promise<Result<FramesAt>> ReplicaStore::locate(ReplicaKey key, std::uint64_t offset,
                                                   std::uint64_t length, Urgency urgency) {
  const auto* known = table_.find(key);
  if (known == nullptr) co_return fail(absent(key));
  const auto which = known->incarnation;
  FramesAt at{.volume = known->volume, .incarnation = which};
  const auto cover = [&](const format::FrameIndex& index, std::uint64_t visible) {
    const auto wanted = offset < visible ? std::min(length, visible - offset) : 0;
    at.span = index.cover(offset, wanted, limits::PACKET_PLAIN_BYTES);
  };
  if (known->state == ReplicaState::WRITING) {
    const auto writer = writers_.find(key);
    if (writer == writers_.end() || !writer->second->appender) co_return fail(changing(key));
    const auto& state = *writer->second;
    at.file = state.appender->file();
    at.frameSize = state.appender->frameSize();
    cover(state.index, state.acknowledged);
    co_return kj::mv(at);
  }
  const bool isFinal = known->state == ReplicaState::FINAL;
  CO_ASSIGN(const auto file,
            isFinal ? co_await openForFrames(key, urgency) : co_await openUnfinished(key, urgency));
  known = table_.find(key);
  if (known == nullptr) co_return fail(absent(key));
  if (known->incarnation != which) co_return fail(changing(key));
  // There should be bytes, and the walk did not come so far.
  if (file->damage() && offset >= file->index().plainLength() && offset < known->length) {
    co_return fail(*file->damage());
  }
  at.file = file->file();
  at.frameSize = file->frameSize();
  cover(file->index(), isFinal ? file->index().plainLength() : known->visible);
  co_return kj::mv(at);
}

// --- Opening ---

kj::Promise<ReplicaStore::OpenedFile> ReplicaStore::openFinal(ReplicaKey key, Urgency urgency) {
  const auto* known = table_.find(key);
  if (known == nullptr) co_return fail(absent(key));
  const auto which = known->incarnation;
  if (known->state == ReplicaState::FINAL) {
    if (auto open = open_.find(key)) {
      if (open->damage()) co_return fail(*open->damage());
      co_return kj::mv(open);
    }
  }
  CO_ASSIGN(auto opened, co_await openAnew(key, urgency));
  CO_TRY(stillFinal(key, which));
  open_.keep(key, opened);
  co_return kj::mv(opened);
}

Result<void> ReplicaStore::stillFinal(const ReplicaKey& key, Incarnation which) const {
  const auto* known = table_.find(key);
  if (known == nullptr) return fail(absent(key));
  if (known->state != ReplicaState::FINAL || known->incarnation != which) {
    return fail(changing(key));
  }
  return {};
}

kj::Promise<ReplicaStore::OpenedFile> ReplicaStore::openAnew(ReplicaKey key, Urgency urgency) {
  const auto* known = table_.find(key);
  if (known == nullptr) co_return fail(absent(key));
  if (known->state != ReplicaState::FINAL) {
    co_return fail(Code::NOT_FOUND, "the replica of " + key.toString() + " is not finished");
  }
  const FinalName name{key, known->length, known->storedLength};
  const std::size_t volume = known->volume;
  const auto which = known->incarnation;
  auto opened = co_await run(volume, urgency, [name, cluster = identity_.cluster](Volume& on) {
    return ReplicaFile::open(on, name, cluster);
  });
  // A file that somebody has just renamed or replaced says nothing about the replica.
  CO_TRY(stillFinal(key, which));
  if (!opened.has_value()) {
    const auto code = opened.error().code();
    if (code == Code::CORRUPT) tellDamaged(key, opened.error());
    if (code != Code::NOT_FOUND) co_return kj::mv(opened);
    // A file that is gone is as bad as a damaged one, and nothing of it is left.
    quarantine(key, opened.error());
    co_return fail(Code::CORRUPT, opened.error().message());
  }
  co_return kj::mv(opened);
}

kj::Promise<ReplicaStore::OpenedFile> ReplicaStore::openForFrames(ReplicaKey key, Urgency urgency) {
  if (auto open = open_.find(key)) co_return kj::mv(open);
  const auto which = table_.find(key)->incarnation;
  auto opened = co_await openFinal(key, urgency);
  if (opened.has_value()) co_return kj::mv(opened);
  // What cannot be read of its ends is as bad as what reads wrong, and its frames may be well.
  const auto code = opened.error().code();
  if (code != Code::CORRUPT && code != Code::IO_ERROR) co_return kj::mv(opened);
  if (auto still = stillFinal(key, which); !still.has_value()) {
    // The file may be gone, and with it the replica.
    if (table_.find(key) == nullptr) co_return kj::mv(opened);
    co_return fail(kj::mv(still).error());
  }
  if (auto joined = joinLook(key, urgency)) co_return co_await kj::mv(*joined);
  auto rank = std::make_shared<Urgency>(urgency);
  co_return co_await shareLook(key, rank, walkFinal(key, kj::mv(opened).error(), rank));
}

kj::Promise<ReplicaStore::OpenedFile> ReplicaStore::walkFinal(
    ReplicaKey key, Status damage, std::shared_ptr<const Urgency> urgency) {
  const auto before = *table_.find(key);
  const FinalName name{key, before.length, before.storedLength};
  auto begun = co_await run(before.volume, *urgency,
                            [name, cluster = identity_.cluster, damage](Volume& on) {
                              return IndexWalk::begin(on, name, cluster, damage);
                            });
  CO_TRY(stillFinal(key, before.incarnation));
  CO_ASSIGN(std::shared_ptr<IndexWalk> walk, kj::mv(begun));
  // Only now: of a disk that reads nothing at all, not each replica is damaged.
  tellDamaged(key, damage);
  // A piece at a time, as urgent as whoever waits for it by then.
  for (bool done = false; !done;) {
    CO_ASSIGN(done,
              co_await run(before.volume, *urgency, [walk](Volume&) { return walk->next(); }));
  }
  CO_TRY(stillFinal(key, before.incarnation));
  auto opened = walk->finish();
  open_.keep(key, opened);
  co_return kj::mv(opened);
}

kj::Promise<ReplicaStore::OpenedFile> ReplicaStore::openUnfinished(ReplicaKey key,
                                                                   Urgency urgency) {
  if (auto open = open_.find(key)) return OpenedFile(kj::mv(open));
  if (auto joined = joinLook(key, urgency)) return kj::mv(*joined);
  auto rank = std::make_shared<Urgency>(urgency);
  return shareLook(key, rank, lookThrough(key, rank));
}

std::optional<kj::Promise<ReplicaStore::OpenedFile>> ReplicaStore::joinLook(const ReplicaKey& key,
                                                                            Urgency urgency) {
  const auto at = looking_.find(key);
  if (at == looking_.end()) return std::nullopt;
  *at->second.urgency = std::min(*at->second.urgency, urgency);
  return at->second.opened.addBranch();
}

kj::Promise<ReplicaStore::OpenedFile> ReplicaStore::shareLook(ReplicaKey key,
                                                              std::shared_ptr<Urgency> urgency,
                                                              kj::Promise<OpenedFile> look) {
  auto looked = uninterrupted(kj::mv(look)).then([this, key](OpenedFile opened) {
    looking_.erase(key);
    return opened;
  });
  auto& shared =
      looking_.emplace(key, Looking{looked.fork(), kj::mv(urgency)}).first->second.opened;
  // Held until it is done, also when all who want it go away: its end takes it out of the map, and
  // the last holder of a promise must not let go of it from within.
  tasks_.add(shared.addBranch().ignoreResult());
  return shared.addBranch();
}

kj::Promise<ReplicaStore::OpenedFile> ReplicaStore::lookThrough(
    ReplicaKey key, std::shared_ptr<const Urgency> urgency) {
  const auto* known = table_.find(key);
  if (known == nullptr) co_return fail(absent(key));
  const auto before = *known;
  if (before.state == ReplicaState::FINAL || before.state == ReplicaState::WRITING) {
    co_return fail(changing(key));
  }
  const bool found = before.state == ReplicaState::FOUND;
  auto looked = co_await readThrough(before.volume, key, found, kj::mv(urgency));
  known = table_.find(key);
  if (known == nullptr) co_return fail(absent(key));
  if (*known != before) co_return fail(changing(key));
  if (!looked.has_value()) {
    const auto code = looked.error().code();
    if (code == Code::CORRUPT || code == Code::NOT_FOUND) quarantine(key, looked.error());
    co_return fail(kj::mv(looked).error());
  }
  auto opened = kj::mv(looked->file);
  const auto& name = opened->name();
  if (found) {
    take(before.volume, key,
         {.length = name.length,
          .storedLength = name.storedLength,
          .visible = name.length,
          .state = ReplicaState::WAITING,
          .damaged = looked->damaged});
    if (looked->damaged) {
      LOG(ERROR) << rbwPathOf(key) << " is damaged behind its first " << name.length
                 << " bytes, and good frames follow: it is left as it is and counts up to there";
    }
    wakeup_.ring();
  } else if (name.length < before.length) {
    Status why(Code::CORRUPT, "of " + std::to_string(before.length) + " bytes only " +
                                  std::to_string(name.length) + " are good");
    quarantine(key, why);
    co_return fail(kj::mv(why));
  }
  open_.keep(key, opened);
  co_return kj::mv(opened);
}

kj::Promise<Result<ReplicaStore::LookedThrough>> ReplicaStore::readThrough(
    std::size_t volume, ReplicaKey key, bool found, std::shared_ptr<const Urgency> urgency) {
  const auto when = found ? UnfinishedLook::When::AFTER_START : UnfinishedLook::When::AGAIN;
  CO_ASSIGN(std::shared_ptr<UnfinishedLook> look,
            co_await run(volume, *urgency, [key, when, cluster = identity_.cluster](Volume& on) {
              return UnfinishedLook::begin(on, key, cluster, when);
            }));
  // A piece at a time, as urgent as whoever waits for it by then.
  for (bool done = false; !done;) {
    CO_ASSIGN(done, co_await run(volume, *urgency, [look](Volume&) { return look->next(); }));
  }
  CO_ASSIGN(auto file,
            co_await run(volume, *urgency, [look](Volume& on) { return look->finish(on); }));
  co_return LookedThrough{.file = kj::mv(file), .damaged = look->damaged()};
}

kj::Promise<void> ReplicaStore::lookIntoFound(std::size_t volume) {
  std::vector<ReplicaKey> found;
  for (const auto& [key, replica] : table_.unfinished()) {
    if (replica.state == ReplicaState::FOUND && replica.volume == volume) found.push_back(key);
  }
  for (const auto& key : found) {
    if (draining_) co_return;
    const auto* known = table_.find(key);
    if (known == nullptr || known->state != ReplicaState::FOUND) continue;
    const auto looked = co_await openUnfinished(key, Urgency::BACKGROUND);
    if (!looked.has_value()) {
      LOG(WARNING) << "an unfinished replica of " << key.toString()
                   << " cannot be recovered: " << looked.error().message();
    }
  }
}

}  // namespace cairn::dn
