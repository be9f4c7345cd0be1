#include "datanode/store/replica_store.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/base/fault.h"
#include "common/log/log.h"
#include "datanode/store/recover_unfinished.h"

namespace cairn::dn {

ReplicaStore::ReplicaStore(io::Random& random, std::vector<VolumeSource> sources,
                           StoreOptions options)
    : random_(random), options_(options), tasks_(*this) {
  for (const auto& source : sources) lanes_.emplace_back(source);
}

ReplicaStore::~ReplicaStore() noexcept(false) = default;

void ReplicaStore::taskFailed(kj::Exception&& exception) {
  LOG(ERROR) << "a task of the replica store failed: " << exception.getDescription().cStr();
}

void ReplicaStore::halt() {
  for (auto& lane : lanes_) {
    if (lane.volume) lane.volume->halt();
  }
}

// --- Replicas ---

Status ReplicaStore::absent(const ReplicaKey& key) const {
  if (auto newest = table_.newestOf(key.chunk)) {
    return {Code::STALE,
            key.toString() + " is not here; generation " + std::to_string(newest->value) + " is"};
  }
  return {Code::NOT_FOUND, "no replica of " + key.toString() + " is here"};
}

std::string ReplicaStore::pathOf(const ReplicaKey& key, const Replica& replica) const {
  return replica.state == ReplicaState::FINAL
             ? finalPathOf({key, replica.length, replica.storedLength})
             : rbwPathOf(key);
}

kj::Promise<Result<ReplicaStore::Writing>> ReplicaStore::create(NewReplica replica) {
  if (table_.find(replica.key) != nullptr) {
    co_return fail(Code::ALREADY_EXISTS, "a replica of " + replica.key.toString() + " is here");
  }
  if (auto newest = table_.newestOf(replica.key.chunk);
      newest && *newest > replica.key.generation) {
    co_return fail(absent(replica.key));
  }
  if (volumesInService() == 0) {
    co_return fail(Code::IO_ERROR, "no volume of this datanode is in service");
  }
  const format::ChunkHeader header{.cluster = identity_.cluster,
                                   .chunk = replica.key.chunk,
                                   .codec = replica.codec,
                                   .frameSize = replica.frameSize};
  std::set<std::size_t> tried;
  Status failure(Code::DISK_FULL, "no volume of this datanode has " +
                                      std::to_string(replica.lengthMax) + " bytes free");
  while (auto begun = beginWriting(replica, tried)) {
    auto writing = kj::mv(*begun);
    auto& lane = lanes_[writing.volume];
    auto created = co_await run(writing.volume, [volume = lane.volume, header, replica](Volume&) {
      return ReplicaAppender::create(volume, replica.key, header, replica.depth, replica.lengthMax);
    });
    if (created.has_value()) {
      writing.appender = kj::mv(*created);
      appended(writing, 0, writing.appender->storedLength());
      co_return kj::mv(writing);
    }
    endWriting(writing, 0);
    table_.remove(replica.key);
    failure = kj::mv(created).error();
    // A disk that takes nothing new must not keep writers from the others.
    if (failure.code() == Code::ALREADY_EXISTS) break;
    LOG(WARNING) << lane.source.disk.pathOf("") << " took no replica: " << failure.message();
    tried.insert(writing.volume);
  }
  co_return fail(kj::mv(failure));
}

std::optional<ReplicaStore::Writing> ReplicaStore::beginWriting(
    const NewReplica& replica, const std::set<std::size_t>& tried) {
  std::vector<VolumeLoad> loads;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto& lane = lanes_[i];
    loads.push_back({.freeBytes = freeBytesOf(lane),
                     .writers = lane.writers,
                     .inService = lane.volume && !lane.volume->failed() && !tried.contains(i)});
  }
  const auto chosen = chooseVolume(loads, replica.lengthMax);
  if (!chosen) return std::nullopt;
  auto& lane = lanes_[*chosen];
  Writing writing{.appender = nullptr,
                  .key = replica.key,
                  .volume = *chosen,
                  .promisedBytes = promiseFor(freeBytesOf(lane), replica.lengthMax)};
  lane.promisedBytes += writing.promisedBytes;
  ++lane.writers;
  // In the table before the file is made, so that nobody begins it twice.
  table_.put(replica.key, {.length = 0,
                           .storedLength = 0,
                           .volume = static_cast<std::uint8_t>(*chosen),
                           .state = ReplicaState::WRITING});
  return writing;
}

void ReplicaStore::appended(const Writing& writing, std::uint64_t length,
                            std::uint64_t storedLength) {
  const auto* known = table_.find(writing.key);
  if (known == nullptr || known->state != ReplicaState::WRITING) return;  // ordered away meanwhile
  auto replica = *known;
  replica.length = length;
  replica.storedLength = storedLength;
  table_.put(writing.key, replica);
}

kj::Promise<Result<FinalName>> ReplicaStore::seal(Writing writing, SealSums sums) {
  auto sealing = run(writing.volume,
                     [appender = writing.appender, sums](Volume&) { return appender->seal(sums); });
  auto ended = sealing.then([this, writing = kj::mv(writing)](Result<FinalName> name) {
    if (name.has_value()) {
      sealed(writing, *name);
    } else {
      abandon(writing, true);
    }
    return name;
  });
  auto forked = ended.fork();
  tasks_.add(forked.addBranch().ignoreResult());
  return forked.addBranch();
}

void ReplicaStore::sealed(const Writing& writing, const FinalName& name) {
  endWriting(writing, name.storedLength);
  const auto* known = table_.find(writing.key);
  if (known == nullptr || known->state != ReplicaState::WRITING) {
    // The namenode ordered it away while it was being sealed.
    tasks_.add(run(writing.volume, [path = finalPathOf(name)](Volume& on) {
                 return on.remove(path);
               }).ignoreResult());
    return;
  }
  take(writing.volume, writing.key,
       {.length = name.length,
        .storedLength = name.storedLength,
        .volume = static_cast<std::uint8_t>(writing.volume),
        .state = ReplicaState::FINAL});
  wakeup_.ring();
}

void ReplicaStore::abandon(const Writing& writing, bool idle) {
  const auto* known = table_.find(writing.key);
  endWriting(writing, known != nullptr ? known->storedLength : 0);
  if (known == nullptr || known->state != ReplicaState::WRITING) return;
  if (idle) {
    tasks_.add(run(writing.volume, [appender = writing.appender](Volume&) -> Result<void> {
                 appender->abandon();
                 return {};
               }).ignoreResult());
  }
  auto replica = *known;
  replica.state = ReplicaState::RBW;
  take(writing.volume, writing.key, replica);
  wakeup_.ring();
}

void ReplicaStore::endWriting(const Writing& writing, std::uint64_t storedBytes) {
  auto& lane = lanes_[writing.volume];
  lane.promisedBytes -= writing.promisedBytes;
  --lane.writers;
  // Until the disk is asked again.
  lane.space.freeBytes -= std::min(lane.space.freeBytes, storedBytes);
}

void ReplicaStore::take(std::size_t volume, const ReplicaKey& key, const Replica& replica) {
  auto placed = replica;
  placed.volume = static_cast<std::uint8_t>(volume);
  table_.put(key, placed);
  news_.add(key, newsOf(placed));
}

kj::Promise<Result<std::shared_ptr<const ReplicaFile>>> ReplicaStore::openFinal(ReplicaKey key) {
  const auto* known = table_.find(key);
  if (known == nullptr) co_return fail(absent(key));
  if (known->state != ReplicaState::FINAL) {
    co_return fail(Code::NOT_FOUND, "the replica of " + key.toString() + " is not finished");
  }
  if (auto open = open_.find(key)) co_return kj::mv(open);
  const FinalName name{key, known->length, known->storedLength};
  const std::size_t volume = known->volume;
  auto opened = co_await run(volume, [name, cluster = identity_.cluster](Volume& on) {
    return ReplicaFile::open(on, name, cluster);
  });
  if (!opened.has_value()) {
    const auto code = opened.error().code();
    // A file that is gone is as bad as a damaged one.
    if (code == Code::CORRUPT || code == Code::NOT_FOUND) damaged(key, opened.error());
    if (code == Code::NOT_FOUND) co_return fail(Code::CORRUPT, opened.error().message());
    co_return kj::mv(opened);
  }
  if (table_.find(key) != nullptr) open_.keep(key, *opened);
  co_return kj::mv(opened);
}

void ReplicaStore::damaged(const ReplicaKey& key, const Status& why) {
  const auto* known = table_.find(key);
  if (known == nullptr || known->state == ReplicaState::WRITING) return;
  const auto replica = *known;
  LOG(ERROR) << "the replica of " << key.toString() << " is damaged: " << why.message();
  table_.remove(key);
  open_.forget(key);
  auto news = newsOf(replica);
  news.kind = ReplicaNews::Kind::QUARANTINED;
  news_.add(key, news);
  wakeup_.ring();
  putAside(replica.volume, pathOf(key, replica), why.message());
}

void ReplicaStore::putAside(std::size_t volume, std::string path, std::string why) {
  auto moved = run(volume, [path](Volume& on) { return on.quarantine(path); });
  tasks_.add(moved.then([this, path, why = std::move(why)](Result<std::string> to) {
    if (to.has_value()) {
      ++quarantined_;
      LOG(WARNING) << path << " was put aside as " << *to << ": " << why;
    } else {
      LOG(ERROR) << path << " could not be put aside: " << to.error().message();
    }
  }));
}

kj::Promise<Result<void>> ReplicaStore::verify(ReplicaKey key) {
  if (table_.find(key) == nullptr) {
    news_.add(key, {});  // so that whoever suspects it learns that it is gone
    wakeup_.ring();
    co_return fail(absent(key));
  }
  CO_ASSIGN(auto file, co_await openFinal(key));
  auto check = std::make_shared<ReplicaCheck>(kj::mv(file));
  while (true) {
    const auto* known = table_.find(key);
    if (known == nullptr) co_return fail(absent(key));
    // Each piece waits behind whatever clients have put into the queue meanwhile.
    auto done = co_await run(known->volume, [check](Volume&) { return check->next(); });
    if (!done.has_value()) {
      const auto code = done.error().code();
      // What cannot be read is as bad as what reads wrong.
      if (code == Code::CORRUPT || code == Code::IO_ERROR) damaged(key, done.error());
      co_return fail(kj::mv(done).error());
    }
    if (*done) break;
  }
  // Whoever suspected it may think better of it.
  if (const auto* known = table_.find(key)) news_.add(key, newsOf(*known));
  wakeup_.ring();
  co_return Result<void>();
}

kj::Promise<Result<void>> ReplicaStore::remove(ReplicaKey key) {
  const auto* known = table_.find(key);
  if (known == nullptr) {
    news_.add(key, {});  // so that whoever ordered it learns that it is gone
    co_return Result<void>();
  }
  const auto replica = *known;
  table_.remove(key);
  open_.forget(key);
  auto removed = co_await run(
      replica.volume, [path = pathOf(key, replica)](Volume& on) { return on.remove(path); });
  if (!removed.has_value() && removed.error().code() != Code::NOT_FOUND) {
    // It is still there: found again by a restart, and reported then.
    LOG(ERROR) << "removing the replica of " << key.toString() << ": " << removed.error().message();
    co_return kj::mv(removed);
  }
  auto& space = lanes_[replica.volume].space;
  space.freeBytes = std::min(space.capacityBytes, space.freeBytes + replica.storedLength);
  news_.add(key, {});
  co_return Result<void>();
}

// --- Volumes ---

std::size_t ReplicaStore::volumesInService() const {
  std::size_t count = 0;
  for (const auto& lane : lanes_) count += lane.volume && !lane.volume->failed() ? 1 : 0;
  return count;
}

std::uint64_t ReplicaStore::freeBytesOf(const Lane& lane) const {
  const auto taken = options_.reservedBytes + lane.promisedBytes;
  return lane.space.freeBytes > taken ? lane.space.freeBytes - taken : 0;
}

kj::Promise<void> ReplicaStore::refreshSpace() {
  auto answers = kj::heapArrayBuilder<kj::Promise<void>>(lanes_.size());
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    auto& lane = lanes_[i];
    if (!lane.asking) {
      lane.asking = true;
      lane.spaceAsked = run(i, [](Volume& on) { return on.space(); })
                            .then([this, i](Result<io::DiskSpace> space) {
                              lanes_[i].asking = false;
                              if (space.has_value()) lanes_[i].space = *space;
                            })
                            .fork();
    }
    answers.add(lane.spaceAsked.addBranch());
  }
  return kj::joinPromises(answers.finish());
}

bool ReplicaStore::anyDiskAnswers() const {
  return std::ranges::any_of(lanes_, [](const Lane& lane) { return !lane.asking; });
}

std::vector<VolumeStatus> ReplicaStore::volumes() const {
  std::vector<VolumeStatus> all;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto& lane = lanes_[i];
    VolumeStatus status;
    status.path = lane.source.disk.pathOf("");
    status.failed = !lane.volume || lane.volume->failed();
    if (!lane.volume) {
      status.error = lane.openFailure;
    } else if (status.failed) {
      status.error = lane.volume->failure().message();
    } else {
      const auto totals = table_.totalsOf(static_cast<std::uint8_t>(i));
      status.capacityBytes = lane.space.capacityBytes;
      status.freeBytes = freeBytesOf(lane);
      status.usedBytes = totals.storedBytes;
      status.replicas = totals.replicas;
    }
    all.push_back(std::move(status));
  }
  return all;
}

void ReplicaStore::noticeFailures() {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    auto& lane = lanes_[i];
    if (lane.failureNoticed || !lane.volume || !lane.volume->failed()) continue;
    lane.failureNoticed = true;
    for (const auto& [key, replica] : table_.dropVolume(static_cast<std::uint8_t>(i))) {
      open_.forget(key);
      news_.add(key, {});
    }
    wakeup_.ring();
  }
}

}  // namespace cairn::dn
