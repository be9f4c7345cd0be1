#include "client/core/local_reads.h"

#include <algorithm>
#include <mutex>

namespace cairn::client {

void LocalReads::offer(std::uint64_t offset, std::uint64_t length,
                       const std::shared_ptr<const LocalReplica>& replica) {
  std::unique_lock lock(mutex_);
  chunks_[offset] = {.length = length, .replica = replica};
}

void LocalReads::clear() {
  std::unique_lock lock(mutex_);
  chunks_.clear();
}

LocalReads::Place LocalReads::placeOf(std::uint64_t offset) const {
  std::shared_lock lock(mutex_);
  auto behind = chunks_.upper_bound(offset);
  if (behind == chunks_.begin()) return {};
  const auto& [at, chunk] = *std::prev(behind);
  if (offset - at >= chunk.length) return {};
  return {.replica = chunk.replica.lock(),
          .inChunk = offset - at,
          .left = chunk.length - (offset - at)};
}

bool LocalReads::read(std::uint64_t offset, MutableBytes to) {
  if (to.size() > BYTES_MAX) return false;
  while (!to.empty()) {
    const auto place = placeOf(offset);
    if (!place.replica) return false;
    const auto size = std::min<std::uint64_t>(to.size(), place.left);
    const auto got = place.replica->readSmall(*frames_, *buffers_, place.inChunk, to.first(size));
    if (!got.has_value() || *got != size) return false;
    offset += size;
    to = to.subspan(size);
  }
  return true;
}

}  // namespace cairn::client
