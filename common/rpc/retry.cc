#include "common/rpc/retry.h"

#include <algorithm>

namespace cairn::rpc {

std::optional<std::uint32_t> Backoff::nextMs(const Status& failure, io::Random& random) {
  if (retryClassOf(failure.code()) != RetryClass::LATER || spentMs_ >= policy_.budgetMs) return {};
  // 20 doublings pass any ceiling; more would overflow.
  const std::uint64_t grown = std::uint64_t{policy_.firstMs} << std::min(attempts_, 20U);
  const std::uint64_t step =
      std::max<std::uint64_t>(std::min<std::uint64_t>(grown, policy_.ceilingMs), 2);
  std::uint64_t pause = step / 2 + random.below(step - step / 2 + 1);
  pause = std::max<std::uint64_t>(pause, failure.retryAfterMs());
  pause = std::min<std::uint64_t>(pause, policy_.budgetMs - spentMs_);
  ++attempts_;
  spentMs_ += pause;
  return static_cast<std::uint32_t>(pause);
}

}  // namespace cairn::rpc
