// Takes what a task writes to stdout or stderr: keeps the beginning in a file of bounded size and
// the end in memory, and reads on whatever comes, so that a task never blocks on its own chatter.
// Layer: mapreduce/tasktracker.  Threads: one event loop; file writes on the work pool.
#pragma once

#include <kj/async-io.h>

#include <cstdint>
#include <string>

#include "common/async/coroutine.h"
#include "common/async/work_pool.h"

namespace cairn::mr {

// Kept in memory of each stream; the last lines travel to the job tracker.
inline constexpr std::size_t LOG_TAIL_BYTES = 8192;

class CappedLog {
public:
  // `path` is created or emptied at the first byte. `pool` outlives it.
  CappedLog(async::WorkPool& pool, std::string path, std::uint64_t bytesMax);
  ~CappedLog() noexcept(false);
  KJ_DISALLOW_COPY(CappedLog);

  // Reads the stream to its end. A disk that cannot be written loses the log, not the task.
  kj::Promise<void> collect(kj::Own<kj::AsyncInputStream> from);

  // The last whole lines, at most LOG_TAIL_BYTES.
  std::string tail() const;
  std::uint64_t bytesSeen() const { return seen_; }

private:
  async::WorkPool& pool_;
  const std::string path_;
  const std::uint64_t bytesMax_;
  std::uint64_t seen_ = 0;
  std::string tail_;
};

}  // namespace cairn::mr
