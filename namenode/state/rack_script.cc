#include "namenode/state/rack_script.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include "common/async/coroutine.h"
#include "common/config/shared_config.h"
#include "common/log/log.h"

namespace cairn::nn {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int LOOK_EVERY_MS = 20;  // at `stop`, and at a program that has closed its output

// Starts `program host` with its output on `out`. As statusFromErrno().
Result<pid_t> start(const std::string& program, const std::string& host, int out) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out, 1);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string name = program;
  std::string argument = host;
  std::array<char*, 3> words{name.data(), argument.data(), nullptr};
  pid_t pid = 0;
  const int error =
      ::posix_spawn(&pid, program.c_str(), &actions, &attributes, words.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail(statusFromErrno(error, "running " + program));
  return pid;
}

// What the program prints until it closes its output. TIMED_OUT, CANCELLED, INVALID_ARGUMENT (too
// much of it), IO_ERROR.
Result<std::string> readAll(int in, Clock::time_point deadline, const std::atomic<bool>& stop) {
  std::string text;
  while (true) {
    if (stop) return fail(Code::CANCELLED, "the namenode stops");
    if (Clock::now() >= deadline) return fail(Code::TIMED_OUT, "it took too long and was killed");
    pollfd ready{.fd = in, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, LOOK_EVERY_MS) <= 0) continue;
    std::array<char, 512> buffer{};
    const auto got = ::read(in, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(statusFromErrno(errno, "reading what it prints"));
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > RACK_SCRIPT_OUTPUT_MAX) {
      return fail(Code::INVALID_ARGUMENT,
                  "it prints more than " + std::to_string(RACK_SCRIPT_OUTPUT_MAX) + " bytes");
    }
  }
}

// Waits until the process is gone, and kills its group when that takes too long. IO_ERROR unless
// it ended by itself with exit code 0.
Result<void> reap(pid_t pid, bool killNow, Clock::time_point deadline,
                  const std::atomic<bool>& stop) {
  int status = 0;
  bool killed = killNow;
  if (killNow) ::kill(-pid, SIGKILL);
  while (true) {
    const auto gone = ::waitpid(pid, &status, killed ? 0 : WNOHANG);
    if (gone == pid) break;
    if (gone < 0 && errno != EINTR) return fail(statusFromErrno(errno, "waiting for it"));
    if (gone == 0 && (stop || Clock::now() >= deadline)) {
      ::kill(-pid, SIGKILL);
      killed = true;
    } else if (gone == 0) {
      const std::chrono::milliseconds pause(LOOK_EVERY_MS);
      std::this_thread::sleep_for(pause);  // edge: a process is waited for, on a thread of its own
    }
  }
  if (killed) return fail(Code::TIMED_OUT, "it took too long and was killed");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(Code::IO_ERROR, WIFEXITED(status)
                                  ? "it ended with exit code " + std::to_string(WEXITSTATUS(status))
                                  : "it was killed by signal " + std::to_string(WTERMSIG(status)));
}

}  // namespace

Result<std::string> askRack(const std::string& program, const std::string& host,
                            std::uint32_t timeoutMs, const std::atomic<bool>& stop) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeoutMs);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(statusFromErrno(errno, "making a pipe"));
  const auto pid = start(program, host, ends[1]);
  ::close(ends[1]);
  if (!pid.has_value()) {
    ::close(ends[0]);
    return std::unexpected(pid.error());
  }
  auto text = readAll(ends[0], deadline, stop);
  ::close(ends[0]);
  const auto ended = reap(*pid, !text.has_value(), deadline, stop);
  if (!text.has_value()) return text;
  TRY(ended);
  auto rack = std::move(*text);
  if (rack.ends_with('\n')) rack.pop_back();
  TRY(config::checkRack(rack, "it prints '" + rack + "': the rack ", false));
  return rack;
}

RackScript::RackScript(std::string program, std::uint32_t timeoutMs)
    : program_(std::move(program)),
      timeoutMs_(timeoutMs),
      stop_(std::make_shared<std::atomic<bool>>(false)),
      pool_("racks", RACK_SCRIPTS_MAX, RACK_QUESTIONS_MAX) {}

RackScript::~RackScript() { *stop_ = true; }

kj::Promise<std::string> RackScript::rackOf(std::string host) {
  if (const auto known = known_.find(host); known != known_.end()) co_return known->second;
  auto rack = co_await pool_.run(
      [program = program_, host, timeoutMs = timeoutMs_, stop = stop_]() -> Result<std::string> {
        if (*stop) return fail(Code::CANCELLED, "the namenode stops");
        return askRack(program, host, timeoutMs, *stop);
      });
  if (rack.has_value()) {
    known_[host] = *rack;
    co_return std::move(*rack);
  }
  LOG(WARNING) << "namenode.rack_script: " << program_ << " does not tell the rack of " << host
               << ": " << rack.error().message();
  co_return std::string();
}

}  // namespace cairn::nn
