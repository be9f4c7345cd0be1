// What a ReplicaStore knows of damaged replicas, in memory and in each volume's note.
#include <set>

#include "common/log/log.h"
#include "datanode/store/damage_note.h"
#include "datanode/store/read_note.h"
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
  if (inService(volume)) lanes_[volume].damageNote->changed();
}

kj::Promise<Result<void>> ReplicaStore::writeDamageNote(std::size_t volume) {
  std::set<ReplicaKey> mine;
  for (const auto& key : damaged_) {
    const auto* const known = table_.find(key);
    if (known != nullptr && known->volume == volume) mine.insert(key);
  }
  return run(volume, Urgency::BACKGROUND, [text = encodeDamageNote(mine)](Volume& on) {
    return on.writeNote(DAMAGE_NOTE_FILE, asBytes(text));
  });
}

kj::Promise<void> ReplicaStore::readDamageNote(std::size_t volume) {
  const auto noted =
      co_await readNote(*this, volume, Urgency::CONTROL,
                        NoteFile<std::set<ReplicaKey>>{.name = DAMAGE_NOTE_FILE,
                                                       .bytesMax = DAMAGE_NOTE_BYTES_MAX,
                                                       .decode = decodeDamageNote,
                                                       .otherwise = "damage will be found anew"});
  if (!noted.has_value()) co_return;
  for (const auto& key : *noted) {
    const auto* const known = table_.find(key);
    if (known == nullptr || known->volume != volume || known->state != ReplicaState::FINAL)
      continue;
    damaged_.insert(key);
    LOG(WARNING) << "the replica of " << key.toString() << " was found damaged before";
  }
}

}  // namespace cairn::dn
