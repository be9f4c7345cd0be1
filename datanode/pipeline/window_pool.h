// How many bytes each writer may have on its way: packets that came and are not answered yet lie in
// memory, those of all writers together.
// Layer: datanode/pipeline (pure).  Threads: one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/base/limits.h"

namespace cairn::dn {

// The first writers get the whole window; when there are many, each gets an eighth of what is left,
// but a packet at least. So what is granted stays below totalBytes and a MiB for each writer: 1 GiB
// for 500 of them at the usual 512 MiB. Windows do not grow while they are open: chunks are short.
class WindowPool {
public:
  static constexpr std::uint64_t WINDOW_BYTES_MIN = limits::PACKET_PLAIN_BYTES;

  explicit WindowPool(std::uint64_t totalBytes) : totalBytes_(totalBytes) {}
  WindowPool(const WindowPool&) = delete;
  WindowPool& operator=(const WindowPool&) = delete;

  // The right to bytes() of stored bytes unanswered, given back when destroyed. The pool outlives
  // it.
  class Window {
  public:
    Window(WindowPool& pool, std::uint64_t bytes) : pool_(&pool), bytes_(bytes) {
      pool.grantedBytes_ += bytes;
    }
    Window(Window&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), bytes_(other.bytes_) {}
    Window& operator=(Window&&) = delete;
    ~Window() {
      if (pool_ != nullptr) pool_->grantedBytes_ -= bytes_;
    }
    std::uint64_t bytes() const { return bytes_; }

  private:
    WindowPool* pool_;
    std::uint64_t bytes_;
  };

  Window grant() {
    constexpr std::uint64_t SHARES = 8;
    const auto left = totalBytes_ > grantedBytes_ ? totalBytes_ - grantedBytes_ : 0;
    return {*this, std::clamp(left / SHARES, WINDOW_BYTES_MIN, limits::WRITE_WINDOW_BYTES)};
  }
  std::uint64_t grantedBytes() const { return grantedBytes_; }

private:
  const std::uint64_t totalBytes_;
  std::uint64_t grantedBytes_ = 0;
};

}  // namespace cairn::dn
