// How a ReplicaStore keeps the newest namenode that the datanode has followed.
#include <kj/common.h>

#include <algorithm>

#include "common/log/log.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

kj::Promise<void> ReplicaStore::readFollowed(std::size_t index) {
  const auto text = co_await run(index, Urgency::CONTROL, [](Volume& on) {
    return on.readNote(FOLLOWED_NOTE_FILE, FOLLOWED_NOTE_BYTES_MAX);
  });
  if (text.has_value() && !text->has_value()) co_return;
  const auto note = text.has_value() ? decodeFollowed(**text) : fail(text.error());
  if (note.has_value()) {
    followed_ = std::max(followed_, *note);
  } else {
    LOG(WARNING) << lanes_[index].volume->path() << ": its note of the namenode that was followed "
                 << "cannot be read: " << note.error().message();
  }
}

void ReplicaStore::noteFollowed(Followed followed) {
  if (followed <= followed_) return;
  followed_ = followed;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto& lane = lanes_[i];
    if (!lane.volume || lane.volume->failed() || !lane.volume->identity()) continue;
    if (!lane.notingFollowed) tasks_.add(writeFollowed(i));
  }
}

kj::Promise<void> ReplicaStore::writeFollowed(std::size_t index) {
  lanes_[index].notingFollowed = true;
  KJ_DEFER(lanes_[index].notingFollowed = false);
  // A newer one may come while the disk is waited for.
  for (Followed noted; noted < followed_;) {
    noted = followed_;
    const auto written = co_await run(index, Urgency::CONTROL, [note = encode(noted)](Volume& on) {
      return on.writeNote(FOLLOWED_NOTE_FILE, asBytes(note));
    });
    if (!written.has_value()) {
      LOG(WARNING) << lanes_[index].volume->path()
                   << ": cannot note which namenode is followed: " << written.error().message();
      co_return;
    }
  }
}

}  // namespace cairn::dn
