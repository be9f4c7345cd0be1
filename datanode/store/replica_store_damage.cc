// What a ReplicaStore knows of damaged replicas, in memory and in each volume's note.
#include <utility>

#include "common/log/log.h"
#include "datanode/store/damage_note.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

bool ReplicaStore::knowDamaged(const ReplicaKey& key) {
  if (damaged_.contains(key)) return false;
  if (damaged_.size() >= DAMAGED_MAX) {
    damaged_.clear();
    for (std::size_t i = 0; i < lanes_.size(); ++i) noteDamage(i);
  }
  damaged_.insert(key);
  noteDamage(table_.find(key)->volume);
  return true;
}

bool ReplicaStore::forgetDamage(const ReplicaKey& key, std::size_t volume) {
  if (damaged_.erase(key) == 0) return false;
  noteDamage(volume);
  return true;
}

void ReplicaStore::noteDamage(std::size_t volume) {
  auto& lane = lanes_[volume];
  lane.damageChanged = true;
  if (lane.notingDamage || !inService(volume)) return;
  lane.notingDamage = true;
  tasks_.add(writeDamageNotes(volume));
}

kj::Promise<void> ReplicaStore::writeDamageNotes(std::size_t volume) {
  auto& lane = lanes_[volume];
  // Whatever changes while one is written goes into the next.
  while (std::exchange(lane.damageChanged, false)) {
    std::set<ReplicaKey> mine;
    for (const auto& key : damaged_) {
      const auto* const known = table_.find(key);
      if (known != nullptr && known->volume == volume) mine.insert(key);
    }
    const auto written =
        co_await run(volume, Urgency::BACKGROUND, [text = encodeDamageNote(mine)](Volume& on) {
          return on.writeNote(DAMAGE_NOTE_FILE, asBytes(text));
        });
    if (written.has_value()) {
      lane.damageNotedAgain = nullptr;
      continue;
    }
    LOG_EVERY_N(WARNING, 100) << "which replicas are damaged cannot be noted: "
                              << written.error().message();
    lane.damageNotedAgain = host_.timer.afterDelay(DAMAGE_NOTE_AGAIN_MS * kj::MILLISECONDS)
                                .then([this, volume]() {
                                  if (!draining_) noteDamage(volume);
                                })
                                .eagerlyEvaluate(nullptr);
  }
  lane.notingDamage = false;
}

kj::Promise<void> ReplicaStore::readDamageNote(std::size_t volume) {
  const auto text = co_await run(volume, Urgency::CONTROL, [](Volume& on) {
    return on.readNote(DAMAGE_NOTE_FILE, DAMAGE_NOTE_BYTES_MAX);
  });
  if (text.has_value() && !text->has_value()) co_return;
  const auto noted = text.has_value() ? decodeDamageNote(**text)
                                      : Result<std::set<ReplicaKey>>(fail(text.error()));
  if (!noted.has_value()) {
    LOG(WARNING) << lanes_[volume].source.disk.pathOf(DAMAGE_NOTE_FILE)
                 << " cannot be read, damage will be found anew: " << noted.error().message();
    co_return;
  }
  for (const auto& key : *noted) {
    const auto* const known = table_.find(key);
    if (known == nullptr || known->volume != volume || known->state != ReplicaState::FINAL)
      continue;
    damaged_.insert(key);
    LOG(WARNING) << "the replica of " << key.toString() << " was found damaged before";
  }
}

}  // namespace cairn::dn
