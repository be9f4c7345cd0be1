#include "datanode/store/buffer_budget.h"

#include <algorithm>
#include <list>

namespace cairn::dn {

struct BufferBudget::State final : public kj::Refcounted {
  struct Waiter {
    std::uint64_t bytes;
    // Fulfilled with the lease itself: a promise dropped just then gives the bytes back.
    kj::Own<kj::PromiseFulfiller<Result<Lease>>> ready;
  };

  explicit State(std::uint64_t totalBytes) : totalBytes(std::max<std::uint64_t>(totalBytes, 1)) {}

  bool hasRoom(std::uint64_t bytes) const { return usedBytes + bytes <= totalBytes; }
  Lease lend(std::uint64_t bytes) {
    usedBytes += bytes;
    return Lease(kj::addRef(*this), bytes);
  }
  // In order of arrival: a large one is not starved by small ones behind it.
  void wake() {
    while (!waiters.empty()) {
      auto& first = waiters.front();
      const bool wanted = first.ready->isWaiting();
      if (wanted && !hasRoom(first.bytes)) return;
      auto waiter = kj::mv(first);
      waiters.pop_front();
      if (!wanted) continue;  // its promise was dropped
      waiter.ready->fulfill(lend(waiter.bytes));
    }
  }
  void giveBack(std::uint64_t bytes) {
    usedBytes -= bytes;
    wake();
  }

  const std::uint64_t totalBytes;
  std::uint64_t usedBytes = 0;
  std::list<Waiter> waiters;
};

BufferBudget::Lease::Lease(kj::Own<State> state, std::uint64_t bytes)
    : state_(kj::mv(state)), bytes_(bytes) {}

BufferBudget::Lease::Lease() = default;
BufferBudget::Lease::Lease(Lease&& other) noexcept = default;
BufferBudget::Lease::~Lease() noexcept { release(); }

BufferBudget::Lease& BufferBudget::Lease::operator=(Lease&& other) noexcept {
  release();
  state_ = kj::mv(other.state_);
  bytes_ = other.bytes_;
  return *this;
}

void BufferBudget::Lease::release() {
  if (state_.get() == nullptr) return;
  auto state = kj::mv(state_);
  state->giveBack(bytes_);
}

BufferBudget::BufferBudget(std::uint64_t totalBytes) : state_(kj::refcounted<State>(totalBytes)) {}
BufferBudget::~BufferBudget() noexcept(false) = default;

kj::Promise<Result<BufferBudget::Lease>> BufferBudget::take(std::uint64_t bytes) {
  auto& state = *state_;
  bytes = std::min(bytes, state.totalBytes);
  state.wake();  // clears those who gave up at the front
  if (state.waiters.empty() && state.hasRoom(bytes)) {
    return Result<Lease>(state.lend(bytes));
  }
  if (state.waiters.size() >= WAITERS_MAX) {
    constexpr std::uint32_t RETRY_MS = 100;
    return Result<Lease>(fail(Code::OVERLOADED,
                              "the datanode's buffers are used up, and " +
                                  std::to_string(WAITERS_MAX) + " callers wait for them",
                              RETRY_MS));
  }
  auto pair = kj::newPromiseAndFulfiller<Result<Lease>>();
  state.waiters.push_back({bytes, kj::mv(pair.fulfiller)});
  return kj::mv(pair.promise);
}

std::uint64_t BufferBudget::usedBytes() const { return state_->usedBytes; }
std::size_t BufferBudget::waiting() const { return state_->waiters.size(); }
std::uint64_t BufferBudget::totalBytes() const { return state_->totalBytes; }

}  // namespace cairn::dn
