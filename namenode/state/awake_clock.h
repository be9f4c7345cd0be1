// Time in which this process has run: what passes while it stands still (SIGSTOP, a swapping or
// suspended machine, a loop that is held up) does not count. Who is silent for so long is judged by
// it: signs of life that came meanwhile have not been read yet.
// Layer: state (pure).  Threads: one.
//
// Somebody asks at least every EVERY_MS; when nobody has for longer than GAP_MS, nobody could.
#pragma once

#include <cstdint>

namespace cairn::nn {

class AwakeClock {
public:
  static constexpr std::int64_t EVERY_MS = 1'000;
  static constexpr std::int64_t GAP_MS = 1'500;

  // `monotonicMs`: io::Clock's, of this moment. It never goes back, nor does the answer.
  explicit AwakeClock(std::int64_t monotonicMs) : lastMs_(monotonicMs) {}

  std::int64_t at(std::int64_t monotonicMs) {
    const std::int64_t gapMs = monotonicMs - lastMs_;
    if (gapMs > GAP_MS) stoodStillMs_ += gapMs - EVERY_MS;
    lastMs_ = monotonicMs;
    return monotonicMs - stoodStillMs_;
  }
  // In all, so far.
  std::int64_t stoodStillMs() const { return stoodStillMs_; }

private:
  std::int64_t lastMs_;
  std::int64_t stoodStillMs_ = 0;
};

}  // namespace cairn::nn
