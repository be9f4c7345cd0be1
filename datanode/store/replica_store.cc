#include "datanode/store/replica_store.h"

#include <algorithm>
#include <utility>

#include "common/log/log.h"

namespace cairn::dn {

ReplicaStore::ReplicaStore(rpc::Host& host, std::vector<VolumeSource> sources, StoreOptions options)
    : host_(host), options_(options), tasks_(*this) {
  options_.volume.clock = &host.clock;
  for (const auto& source : sources) {
    const auto label = std::to_string(lanes_.size() + 1);
    lanes_.emplace_back(source,
                        kj::heap<VolumeQueue>(source.pool, host.clock, host.metrics, label));
  }
}

ReplicaStore::~ReplicaStore() noexcept(false) { closing_ = true; }

void ReplicaStore::taskFailed(kj::Exception&& exception) {
  LOG(ERROR) << "a task of the replica store failed: " << exception.getDescription().cStr();
}

void ReplicaStore::halt() {
  for (auto& lane : lanes_) {
    if (lane.volume) lane.volume->halt();
  }
}

kj::Promise<void> ReplicaStore::drained() {
  draining_ = true;
  return tasks_.onEmpty().then([this]() { return jobs_->none(); });
}

// --- Replicas ---

ReplicaKey ReplicaStore::newestFrom(const ReplicaKey& key) const {
  const auto newest = table_.newestOf(key.chunk);
  return {key.chunk, std::max(key.generation, newest.value_or(key.generation))};
}

Status ReplicaStore::absent(const ReplicaKey& key) const {
  if (auto gone = lost(key)) return *std::move(gone);
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

void ReplicaStore::take(std::size_t volume, const ReplicaKey& key, const Replica& replica) {
  auto placed = replica;
  placed.volume = static_cast<std::uint8_t>(volume);
  table_.put(key, placed);
  news_.add(key, newsOf(placed));
  forgetLost(key);
}

kj::Promise<void> ReplicaStore::putAside(std::size_t volume, ChunkId chunk, std::string path,
                                         std::string why) {
  // No copy that takes its place gets the name before the file has gone.
  const auto lock = co_await locks_.take(chunk);
  const auto to =
      co_await run(volume, Urgency::REPAIR, [path](Volume& on) { return on.quarantine(path); });
  if (to.has_value()) {
    ++quarantined_;
    LOG(WARNING) << path << " was put aside as " << *to << ": " << why;
  } else {
    LOG(ERROR) << path << " could not be put aside: " << to.error().message();
  }
}

kj::Promise<Result<void>> ReplicaStore::remove(ReplicaKey key) {
  auto lock = co_await locks_.take(key.chunk);
  co_return co_await uninterrupted(removeNow(key, kj::mv(lock)));
}

kj::Promise<Result<void>> ReplicaStore::removeNow(ReplicaKey key, ChunkLocks::Lock lock) {
  forgetLost(key);
  const auto* known = table_.find(key);
  if (known == nullptr) {
    news_.add(key, {});  // so that whoever ordered it learns that it is gone
    co_return Result<void>();
  }
  const auto replica = *known;
  table_.remove(key);
  // From now on it is told to be gone: older news of it, put back meanwhile, would let it count.
  news_.add(key, {});
  writers_.erase(key);  // who writes it goes on, into a file without a name
  open_.forget(key);
  forgetDamage(key, replica.volume);
  auto removed =
      co_await run(replica.volume, Urgency::BACKGROUND,
                   [path = pathOf(key, replica)](Volume& on) { return on.removeReplica(path); });
  if (!removed.has_value() && removed.error().code() != Code::NOT_FOUND) {
    // It is still there: found again by a restart, and reported then.
    LOG(ERROR) << "removing the replica of " << key.toString() << ": " << removed.error().message();
    co_return kj::mv(removed);
  }
  auto& space = lanes_[replica.volume].space;
  space.freeBytes = std::min(space.capacityBytes, space.freeBytes + replica.storedLength);
  co_return Result<void>();
}

// --- Volumes ---

std::size_t ReplicaStore::volumesInService() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < lanes_.size(); ++i) count += inService(i) ? 1 : 0;
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
      lane.spaceAsked = run(i, Urgency::CONTROL, [](Volume& on) { return on.space(); })
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

kj::Promise<Result<bool>> ReplicaStore::emptyRemoved(std::size_t volume) {
  const auto& lane = lanes_[volume];
  const auto room = options_.reservedBytes + lane.space.capacityBytes / NEARLY_FULL_PART;
  return run(volume, Urgency::BACKGROUND, [room](Volume& on) { return on.emptyRemoved(room); });
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

void ReplicaStore::isFull(std::size_t volume) {
  lanes_[volume].space.freeBytes = 0;
  wakeup_.ring();
}

Status ReplicaStore::noRoom(std::uint64_t neededBytes) const {
  constexpr std::size_t NAMED_MAX = 4;
  std::string text =
      "no volume of this datanode has " + std::to_string(neededBytes) + " bytes free:";
  for (std::size_t i = 0; i < lanes_.size() && i < NAMED_MAX; ++i) {
    const auto& lane = lanes_[i];
    const bool inService = lane.volume && !lane.volume->failed();
    text += (i == 0 ? " " : ", ") + lane.source.disk.pathOf("") + " has " +
            (inService ? std::to_string(freeBytesOf(lane)) : std::string("failed"));
  }
  if (lanes_.size() > NAMED_MAX) {
    text += " and " + std::to_string(lanes_.size() - NAMED_MAX) + " others no more";
  }
  return {Code::DISK_FULL, std::move(text)};
}

}  // namespace cairn::dn
