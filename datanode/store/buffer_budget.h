// A fixed number of bytes that reads and writes of the data path share: who wants a buffer waits
// until there is room, in order of arrival.
// Layer: datanode/store.  Threads: one event loop.
//
// A lease is held while a buffer waits for its disk, or a reply for its socket; never while
// another datanode is waited for. So two nodes whose budgets are used up by each other's pipelines
// cannot block each other: disks always go on.
#pragma once

#include <kj/async.h>
#include <kj/refcount.h>

#include <cstddef>
#include <cstdint>
#include <deque>

#include "common/async/coroutine.h"
#include "common/base/result.h"

namespace cairn::dn {

class BufferBudget {
  struct State;

public:
  // Who waits, at most. 8192 packets of 1 MiB are 8 GiB of a client's patience.
  static constexpr std::size_t WAITERS_MAX = 8192;

  // The right to `bytes` of memory, given back when destroyed. May outlive the budget.
  class Lease {
  public:
    Lease();
    Lease(kj::Own<State> state, std::uint64_t bytes);
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&& other) noexcept;
    ~Lease() noexcept;
    std::uint64_t bytes() const { return bytes_; }

  private:
    void release();

    kj::Own<State> state_;
    std::uint64_t bytes_ = 0;
  };

  explicit BufferBudget(std::uint64_t totalBytes);
  ~BufferBudget() noexcept(false);
  KJ_DISALLOW_COPY(BufferBudget);

  // Waits for its turn. More than the whole budget is taken as the whole. OVERLOADED when
  // WAITERS_MAX wait already. Dropping the promise gives the place up.
  kj::Promise<Result<Lease>> take(std::uint64_t bytes);

  std::uint64_t usedBytes() const;
  std::size_t waiting() const;
  std::uint64_t totalBytes() const;

private:
  kj::Own<State> state_;
};

}  // namespace cairn::dn
