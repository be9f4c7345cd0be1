// Packet-sized memory that goes round: a fresh MiB from the system costs 256 page faults, about
// as much time as decompressing into it.
// Layer: client/core.  Threads: every call from any thread; a buffer is used by one at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "common/base/bytes.h"

namespace cairn::client {

// Uninitialised memory of whole 8-byte words (so that messages can refer to it); goes back to its
// pool when the last owner lets go.
class Buffer {
public:
  explicit Buffer(std::size_t bytes)
      : capacity_((bytes + 7) / 8 * 8), memory_(new std::byte[capacity_]) {}
  std::byte* data() { return memory_.get(); }
  std::size_t capacity() const { return capacity_; }
  MutableBytes bytes() { return {memory_.get(), capacity_}; }

private:
  std::size_t capacity_;
  std::unique_ptr<std::byte[]> memory_;
};

class BufferPool : public std::enable_shared_from_this<BufferPool> {
public:
  // Buffers of up to `bytesEach` come from the pool, which keeps at most `idleMax` unused ones.
  static std::shared_ptr<BufferPool> make(std::size_t bytesEach, std::size_t idleMax);

  // At least `bytes` of memory. Larger than bytesEach: a fresh one, freed afterwards. Never waits:
  // bounding how many are out is the caller's business.
  std::shared_ptr<Buffer> take(std::size_t bytes);

private:
  BufferPool(std::size_t bytesEach, std::size_t idleMax)
      : bytesEach_(bytesEach), idleMax_(idleMax) {}
  void giveBack(std::unique_ptr<Buffer> buffer);

  const std::size_t bytesEach_;
  const std::size_t idleMax_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Buffer>> idle_;
};

}  // namespace cairn::client
