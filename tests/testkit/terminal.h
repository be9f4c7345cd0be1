// A program on a terminal of its own, typed into as a person does: for shells and their line
// editors.
// Layer: tests/testkit.  Threads: one.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace cairn::testkit {

class Terminal {
public:
  // Aborts when there is no terminal to be had. `environment`: "NAME=value", and nothing else is in
  // the program's. The child dies with this process.
  Terminal(std::vector<std::string> command, std::vector<std::string> environment,
           const std::string& directory);
  // SIGKILL, if it still runs.
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // REQUIRES: less than a terminal's input queue holds, 4 KiB, beyond what the program has read.
  void type(std::string_view keys);
  // All that has appeared so far, with the terminal's control sequences. Called often enough, the
  // program never waits for room.
  const std::string& seen();

private:
  int fd_ = -1;
  pid_t pid_ = -1;
  std::string seen_;
};

}  // namespace cairn::testkit
