// How long to wait before trying again: exponential back-off with jitter, bounded.
// Layer: rpc (the rule is pure; the waiting is the caller's).
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/result.h"
#include "common/io/random.h"

namespace cairn::rpc {

struct RetryPolicy {
  std::uint32_t firstMs = 50;
  std::uint32_t ceilingMs = 5000;   // of one pause
  std::uint32_t budgetMs = 60'000;  // of all pauses of one call together; 0 = never retry
};

// The pauses of one call.
class Backoff {
public:
  explicit Backoff(RetryPolicy policy) : policy_(policy) {}
  // Whether to try again after `failure`, and after how many ms: a random time between half and all
  // of a step that doubles up to the ceiling, or the server's hint if that is longer. Empty when
  // the code says that no retry helps, or the budget is used up.
  // The answer for code ELSEWHERE is "no": choosing another replica is the caller's business.
  std::optional<std::uint32_t> nextMs(const Status& failure, io::Random& random);
  std::uint32_t attempts() const { return attempts_; }

private:
  RetryPolicy policy_;
  std::uint32_t attempts_ = 0;
  std::uint64_t spentMs_ = 0;
};

}  // namespace cairn::rpc
