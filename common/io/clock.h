// Time, passed in: nothing below main() asks the system what time it is.
// Layer: io (std only).  Threads: all calls from any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "common/base/units.h"

namespace cairn::io {

class Clock {
public:
  virtual ~Clock() = default;
  // Wall time, for what people and other machines see (mtimes, logs). It may jump, also backwards:
  // never subtract two of them to decide something.
  virtual UnixMillis nowMs() const = 0;
  // Microseconds since some fixed moment; never goes back. For deadlines and durations.
  // Meaningless in another process. Cost of the real one: about 25 ns.
  virtual std::int64_t monotonicMicros() const = 0;
  std::int64_t monotonicMs() const { return monotonicMicros() / 1000; }
};

class SystemClock final : public Clock {
public:
  UnixMillis nowMs() const override;
  std::int64_t monotonicMicros() const override;
};

// Stands still until told; tests and the simulator.
class ManualClock final : public Clock {
public:
  // Starts at 2026-01-01 00:00 UTC, so that a mtime of 0 stands out.
  static constexpr UnixMillis START_MS = 1767225600000;

  explicit ManualClock(UnixMillis startMs = START_MS) : wallMicros_(startMs * 1000) {}

  UnixMillis nowMs() const override { return wallMicros_.load() / 1000; }
  std::int64_t monotonicMicros() const override { return monotonicMicros_.load(); }

  // Moves both times on. REQUIRES: not negative.
  void advanceMicros(std::int64_t micros) {
    wallMicros_.fetch_add(micros);
    monotonicMicros_.fetch_add(micros);
  }
  void advanceMs(std::int64_t ms) { advanceMicros(ms * 1000); }
  // Moves only the wall clock, in any direction, as an operator or NTP would.
  void jumpWallMs(std::int64_t ms) { wallMicros_.fetch_add(ms * 1000); }

private:
  std::atomic<std::int64_t> wallMicros_;
  std::atomic<std::int64_t> monotonicMicros_{0};
};

}  // namespace cairn::io
