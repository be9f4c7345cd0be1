// What a ReplicaStore does when a volume fails, and how it keeps which replicas were lost with it.
#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {
namespace {

// Of a volume's final replicas, the newest are remembered as well: a file's last chunk may be
// finished here before the namenode has heard of it. More writers than that end at no time
// together.
constexpr std::size_t FINALS_MAX = 1'000;

// Those that the namenode may not have on record as committed, with bytes that may be missed.
std::vector<ReplicaKey> uncommitted(const std::vector<std::pair<ReplicaKey, Replica>>& dropped) {
  std::vector<ReplicaKey> keys;
  std::vector<ReplicaKey> finals;
  for (const auto& [key, replica] : dropped) {
    // How many one has that was not looked into is not known.
    if (replica.length == 0 && replica.state != ReplicaState::FOUND) continue;
    (replica.state == ReplicaState::FINAL ? finals : keys).push_back(key);
  }
  const auto count = static_cast<std::ptrdiff_t>(std::min(finals.size(), FINALS_MAX));
  std::ranges::nth_element(finals, finals.begin() + count, std::ranges::greater(),
                           &ReplicaKey::generation);
  keys.insert(keys.begin(), finals.begin(), finals.begin() + count);
  return keys;
}

}  // namespace

void ReplicaStore::noticeFailures() {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    auto& lane = lanes_[i];
    if (lane.failureNoticed || !lane.volume || !lane.volume->failed()) continue;
    lane.failureNoticed = true;
    const auto dropped = table_.dropVolume(static_cast<std::uint8_t>(i));
    for (const auto& [key, replica] : dropped) {
      open_.forget(key);
      writers_.erase(key);
      damaged_.erase(key);
      news_.add(key, {});
    }
    if (lane.volume->identity()) {
      for (const auto& key : uncommitted(dropped)) lost_.add(key, lane.volume->identity()->volume);
      noteLost();
    }
    wakeup_.ring();
  }
}

std::optional<Status> ReplicaStore::lost(const ReplicaKey& key) const {
  const auto* const lost = lost_.find(key);
  if (lost == nullptr) return std::nullopt;
  const auto newest = table_.newestOf(key.chunk);
  if (newest && *newest >= lost->generation) return std::nullopt;
  const auto at = knownVolumes_.find(lost->volume);
  return Status(Code::UNAVAILABLE,
                "the replica of " + ReplicaKey{key.chunk, lost->generation}.toString() +
                    " was on " + (at == knownVolumes_.end() ? "a volume" : at->second) +
                    ", which is out of service");
}

void ReplicaStore::forgetLost(const ReplicaKey& key) {
  if (lost_.forget(key)) noteLost();
}

void ReplicaStore::noteLost() {
  lostChanged_ = true;
  if (std::exchange(notingLost_, true)) return;
  tasks_.add(writeLostNotes());
}

kj::Promise<void> ReplicaStore::writeLostNotes() {
  // Whatever changes while one is written goes into the next.
  while (std::exchange(lostChanged_, false)) {
    const auto text = encodeLostNote(lost_.all());
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      if (!inService(i) || !lanes_[i].volume->identity()) continue;
      const auto written = co_await run(i, Urgency::BACKGROUND, [text](Volume& on) {
        return on.writeNote(LOST_NOTE_FILE, asBytes(text));
      });
      if (!written.has_value()) {
        LOG_EVERY_N(WARNING, 100) << "which replicas were lost cannot be noted: "
                                  << written.error().message();
      }
    }
  }
  notingLost_ = false;
}

kj::Promise<void> ReplicaStore::readLostNotes() {
  bool outdated = false;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!inService(i) || !lanes_[i].volume->identity()) continue;
    const auto text = co_await run(i, Urgency::CONTROL, [](Volume& on) {
      return on.readNote(LOST_NOTE_FILE, LOST_NOTE_BYTES_MAX);
    });
    if (text.has_value() && !text->has_value()) continue;
    const auto note =
        text.has_value() ? decodeLostNote(**text) : Result<LostNote>(fail(text.error()));
    if (!note.has_value()) {
      LOG(WARNING) << lanes_[i].source.disk.pathOf(LOST_NOTE_FILE)
                   << " cannot be read: " << note.error().message();
      continue;
    }
    for (const auto& [key, volume] : *note) {
      if (isMissing(volume)) {
        lost_.add(key, volume);
      } else {
        outdated = true;
      }
    }
  }
  // Or it would count again when that volume is missing the next time.
  if (outdated) noteLost();
}

bool ReplicaStore::isMissing(const Uuid& volume) const {
  const auto known = knownVolumes_.find(volume);
  if (known == knownVolumes_.end()) return false;
  return std::ranges::any_of(lanes_, [&](const Lane& lane) {
    return lane.volume == nullptr && lane.source.disk.pathOf("") == known->second;
  });
}

}  // namespace cairn::dn
