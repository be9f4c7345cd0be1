// Starts task processes and sees to it that nothing of them outlives the attempt.
// Layer: mapreduce/tasktracker.  Threads: one event loop.
//
// A child runs under a guard, a small process of the cairn binary (guard.h) that leads a session of
// its own, adopts what the task's processes leave behind, and kills all of it when the task ends,
// when it is told to, or when this process dies. Several trackers may live in one process: children
// are waited for through pidfds, one by one.
#pragma once

#include <kj/async-io.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace cairn::mr {

struct ChildLimits {
  std::uint64_t addressSpaceBytes = 0;  // 0: unlimited, here and below
  std::uint64_t fileBytes = 0;          // of one file
  std::uint32_t openFiles = 0;
  std::uint32_t uid = 0;  // 0: the user of this process
  std::uint32_t gid = 0;
};

struct ChildSpec {
  std::string program;                   // path
  std::vector<std::string> args;         // from argv[1] on
  std::vector<std::string> environment;  // "NAME=value", all of it
  std::string workingDirectory;
  ChildLimits limits;
};

struct ChildExit {
  bool signaled = false;
  int value = 0;  // exit code or signal number
  bool ok() const { return !signaled && value == 0; }
  // "exited with code 1", "was killed by signal 11 (Segmentation fault)".
  std::string describe() const;
};

// One running child with all its descendants. Destroying it kills them.
class Child {
public:
  virtual ~Child() noexcept(false) = default;
  // Settles when the child and all its descendants are gone. Once.
  virtual kj::Promise<ChildExit> exited() = 0;
  // SIGKILL to all of them; exited() follows soon. Any number of times.
  virtual void kill() = 0;
  // For a guard that does not do its work (stopped, perhaps): SIGKILL to itself. What it guards
  // dies then, except for processes that have left its session.
  virtual void killGuard() = 0;
  // The other end of the child's descriptor 3; passes descriptors. Once, as the next two.
  virtual kj::Own<kj::AsyncCapabilityStream> takeControl() = 0;
  virtual kj::Own<kj::AsyncInputStream> takeStdout() = 0;
  virtual kj::Own<kj::AsyncInputStream> takeStderr() = 0;
  virtual int pid() const = 0;  // of the guard; for logs
};

class Children {
public:
  virtual ~Children() = default;
  // Starts the program; blocks for about a millisecond. A program that cannot be executed shows as
  // an exit with code 127 and the reason on its stderr. IO_ERROR when there can be no process.
  virtual Result<kj::Own<Child>> start(const ChildSpec& spec) = 0;
};

// Real processes. `io` outlives it; `guardProgram` is the cairn binary.
// Call it on a thread that lives as long as the children shall.
kj::Own<Children> newGuardedChildren(kj::AsyncIoContext& io, std::string guardProgram);

}  // namespace cairn::mr
