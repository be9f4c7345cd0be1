#include "client/core/buffer_pool.h"

#include <utility>

namespace cairn::client {

std::shared_ptr<BufferPool> BufferPool::make(std::size_t bytesEach, std::size_t idleMax) {
  return std::shared_ptr<BufferPool>(new BufferPool(bytesEach, idleMax));
}

std::shared_ptr<Buffer> BufferPool::take(std::size_t bytes) {
  if (bytes > bytesEach_) return std::make_shared<Buffer>(bytes);
  std::unique_ptr<Buffer> buffer;
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      buffer = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!buffer) buffer = std::make_unique<Buffer>(bytesEach_);
  // The deleter holds the pool, so buffers may outlive whoever made it.
  return {buffer.release(), [pool = shared_from_this()](Buffer* raw) {
            pool->giveBack(std::unique_ptr<Buffer>(raw));
          }};
}

void BufferPool::giveBack(std::unique_ptr<Buffer> buffer) {
  std::lock_guard lock(mutex_);
  if (idle_.size() < idleMax_) idle_.push_back(std::move(buffer));
}

}  // namespace cairn::client
