// How a ReplicaStore keeps the newest namenode that the datanode has followed.
#include <algorithm>

#include "datanode/store/read_note.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

kj::Promise<void> ReplicaStore::readFollowed(std::size_t index) {
  const auto note =
      co_await readNote(*this, index, Urgency::CONTROL,
                        NoteFile<Followed>{.name = FOLLOWED_NOTE_FILE,
                                           .bytesMax = FOLLOWED_NOTE_BYTES_MAX,
                                           .decode = decodeFollowed,
                                           .otherwise = "it does not say who was followed"});
  if (note.has_value()) followed_ = std::max(followed_, *note);
}

void ReplicaStore::noteFollowed(Followed followed) {
  if (followed <= followed_) return;
  followed_ = followed;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (isOurs(i)) lanes_[i].followedNote->changed();
  }
}

kj::Promise<Result<void>> ReplicaStore::writeFollowed(std::size_t index) {
  return run(index, Urgency::CONTROL, [note = encode(followed_)](Volume& on) {
    return on.writeNote(FOLLOWED_NOTE_FILE, asBytes(note));
  });
}

}  // namespace cairn::dn
