// One at a time: who changes what the datanode has of a chunk (begins, resumes, recovers, removes a
// replica) has the chunk to itself, in order of arrival. Reading and appending take no lock.
// Layer: datanode/store.  Threads: one event loop.
#pragma once

#include <kj/async.h>
#include <kj/common.h>

#include <deque>
#include <map>
#include <utility>

#include "common/base/ids.h"

namespace cairn::dn {

class ChunkLocks {
public:
  ChunkLocks() = default;
  KJ_DISALLOW_COPY(ChunkLocks);

  // Held until it is destroyed; the locks outlive it.
  class Lock {
  public:
    Lock(ChunkLocks& locks, ChunkId chunk) : locks_(&locks), chunk_(chunk) {}
    Lock(Lock&& other) noexcept
        : locks_(std::exchange(other.locks_, nullptr)), chunk_(other.chunk_) {}
    Lock& operator=(Lock&&) = delete;
    ~Lock() noexcept(false) {
      if (locks_ != nullptr) locks_->release(chunk_);
    }

  private:
    ChunkLocks* locks_;
    ChunkId chunk_;
  };

  // Dropping the promise gives the place up.
  kj::Promise<Lock> take(ChunkId chunk) {
    auto [at, free] = waiting_.try_emplace(chunk);
    if (free) return Lock(*this, chunk);
    auto pair = kj::newPromiseAndFulfiller<Lock>();
    at->second.push_back(kj::mv(pair.fulfiller));
    return kj::mv(pair.promise);
  }
  std::size_t held() const { return waiting_.size(); }

private:
  void release(ChunkId chunk) {
    auto at = waiting_.find(chunk);
    while (!at->second.empty()) {
      auto next = kj::mv(at->second.front());
      at->second.pop_front();
      if (!next->isWaiting()) continue;
      next->fulfill(Lock(*this, chunk));
      return;
    }
    waiting_.erase(at);
  }

  // Of each chunk that is locked, who waits.
  std::map<ChunkId, std::deque<kj::Own<kj::PromiseFulfiller<Lock>>>> waiting_;
};

}  // namespace cairn::dn
