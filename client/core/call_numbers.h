// Numbers the changes of one client, so that the namenode recognises a retry and knows which
// recorded answers nobody will ask for again.
// Layer: client/core (pure).  Threads: one at a time.
#pragma once

#include <cstdint>
#include <set>
#include <utility>

namespace cairn::client {

class CallNumbers {
public:
  // One call that may still be retried. The numbers outlive it.
  class Open {
  public:
    explicit Open(CallNumbers& numbers) : numbers_(&numbers), id_(numbers.next_++) {
      numbers.open_.insert(id_);
    }
    Open(Open&& other) noexcept
        : numbers_(std::exchange(other.numbers_, nullptr)), id_(other.id_) {}
    Open& operator=(Open&&) = delete;
    ~Open() {
      if (numbers_ != nullptr) numbers_->open_.erase(id_);
    }
    std::uint64_t id() const { return id_; }

  private:
    CallNumbers* numbers_;
    std::uint64_t id_;
  };

  // From 1 upwards: 0 marks calls that are safe to repeat.
  Open begin() { return Open(*this); }
  // No call below this number will be tried again.
  std::uint64_t lowestOpen() const { return open_.empty() ? next_ : *open_.begin(); }

private:
  std::uint64_t next_ = 1;
  std::set<std::uint64_t> open_;
};

}  // namespace cairn::client
