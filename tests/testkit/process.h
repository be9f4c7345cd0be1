// Real processes: started, waited for, killed.
// Layer: tests/testkit.  Threads: one.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cairn::testkit {

// What hangs is a failure, said after this long. Far above what a loaded machine needs.
inline constexpr std::chrono::seconds PATIENCE{60};

struct Launch {
  std::vector<std::string> command;  // the program and its arguments
  // "NAME=value"; added to this process's environment without its CAIRN_ variables.
  std::vector<std::string> environment;
  std::string directory;   // "": this process's
  std::string outputPath;  // where standard output goes
  std::string errorPath;   // where standard error goes
};

class Process {
public:
  // Aborts when the program cannot be started. The child dies with this process.
  explicit Process(Launch launch);
  // SIGKILL, if it still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number);
  // SIGKILL, and waits.
  void kill();
  // SIGSTOP, and waits until none of its threads runs; it keeps its connections, and new ones are
  // accepted by the system. thaw() is SIGCONT.
  void freeze();
  void thaw();
  // The exit code, or 128 + the signal that ended it. Nothing when it runs longer than `patience`:
  // it is killed then.
  std::optional<int> wait(std::chrono::milliseconds patience = PATIENCE);
  // What it has written so far.
  std::string output() const;
  std::string errors() const;
  // Waits for a line of the output that begins so, and returns it. Nothing when the process ended
  // before, or after `patience`.
  std::optional<std::string> awaitLine(const std::string& beginning,
                                       std::chrono::milliseconds patience = PATIENCE);

private:
  bool poll();
  Launch launch_;
  pid_t pid_ = -1;
  std::optional<int> code_;
};

// Calls `done` until it is true. False after `patience`.
template <typename Func>
bool eventually(Func done, std::chrono::milliseconds patience = PATIENCE);

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

// Runs the command to its end.
Outcome run(std::vector<std::string> command, std::vector<std::string> environment = {},
            std::chrono::milliseconds patience = PATIENCE);

// Bytes that have come for whoever listens at "127.0.0.1:PORT", on all of its connections, and that
// it has not read yet.
std::uint64_t unreadBytes(const std::string& address);

// The TCP ports on which a process listens, in order.
std::vector<std::uint16_t> listeningPorts(pid_t pid);

// Processes that work in `directory` or below, or whose command line names something below it.
std::vector<pid_t> processesBelow(const std::string& directory);

// The binary under test: CAIRN_BINARY. Aborts when it is not set.
std::string cairnBinary();

namespace detail {
void pause();
// As exec() takes them; valid while `texts` is left alone.
std::vector<char*> pointersTo(std::vector<std::string>& texts);
}  // namespace detail

template <typename Func>
bool eventually(Func done, std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    detail::pause();
  }
  return true;
}

}  // namespace cairn::testkit
