// Asks the operator's program which rack a host stands in (namenode.rack_script).
// Layer: state.  Threads: the state loop; the program is waited for on threads of its own.
#pragma once

#include <kj/async.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/async/work_pool.h"
#include "common/base/result.h"

namespace cairn::nn {

inline constexpr unsigned RACK_SCRIPTS_MAX = 8;                  // run at a time
inline constexpr std::uint32_t RACK_SCRIPT_TIMEOUT_MS = 10'000;  // then it is killed
inline constexpr std::size_t RACK_QUESTIONS_MAX = 20'000;  // waiting; above it OVERLOADED is thrown
inline constexpr std::size_t RACK_SCRIPT_OUTPUT_MAX = 4096;  // bytes; more is a mistake

// Runs `program host` once and returns the rack that it printed, "/r1", as its one line. The
// program gets no input, this process's environment and standard error, and a process group of its
// own, which is killed after `timeoutMs` or when `stop` becomes true. Blocks.
// INVALID_ARGUMENT: what it printed is no rack; TIMED_OUT; CANCELLED; IO_ERROR: it failed;
// NOT_FOUND and others of statusFromErrno(): it could not be run.
Result<std::string> askRack(const std::string& program, const std::string& host,
                            std::uint32_t timeoutMs, const std::atomic<bool>& stop);

class RackScript {
public:
  explicit RackScript(std::string program, std::uint32_t timeoutMs = RACK_SCRIPT_TIMEOUT_MS);
  // Kills what is running; promises not settled by then break.
  ~RackScript();
  RackScript(const RackScript&) = delete;
  RackScript& operator=(const RackScript&) = delete;

  // The rack of `host`, "10.0.0.7". Each is asked about once and remembered as long as this lives.
  // "" after a warning in the log when the program does not tell; the next call asks again.
  // REQUIRES: this outlives the promise.
  kj::Promise<std::string> rackOf(std::string host);

private:
  const std::string program_;
  const std::uint32_t timeoutMs_;
  std::map<std::string, std::string, std::less<>> known_;
  std::shared_ptr<std::atomic<bool>> stop_;
  async::ThreadWorkPool pool_;
};

}  // namespace cairn::nn
