// How many jobs of a store its pools still have, whoever waits for them: a job whose promise was
// dropped goes on, and holds what it was given.
// Layer: datanode/store.  Threads: as each call says.
#pragma once

#include <kj/async.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

namespace cairn::dn {

class JobCount : public std::enable_shared_from_this<JobCount> {
public:
  // One job; goes wherever the job goes, and is destroyed with it, on any thread.
  class Token {
  public:
    explicit Token(std::shared_ptr<JobCount> count) : count_(std::move(count)) {
      const std::lock_guard lock(count_->mutex_);
      ++count_->jobs_;
    }
    Token(Token&&) noexcept = default;
    Token& operator=(Token&&) = delete;
    ~Token() {
      if (count_ != nullptr) count_->end();
    }

  private:
    std::shared_ptr<JobCount> count_;
  };

  Token begin() { return Token(shared_from_this()); }

  // Settles when there are none. On the event loop, one call at a time.
  kj::Promise<void> none() {
    const std::lock_guard lock(mutex_);
    if (jobs_ == 0) return kj::READY_NOW;
    auto pair = kj::newPromiseAndCrossThreadFulfiller<void>();
    none_ = kj::mv(pair.fulfiller);
    return kj::mv(pair.promise);
  }

private:
  void end() {
    kj::Own<kj::CrossThreadPromiseFulfiller<void>> none;
    {
      const std::lock_guard lock(mutex_);
      if (--jobs_ == 0) none = kj::mv(none_);
    }
    if (none.get() != nullptr) none->fulfill();
  }

  std::mutex mutex_;
  std::size_t jobs_ = 0;
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> none_;  // of who waits
};

}  // namespace cairn::dn
