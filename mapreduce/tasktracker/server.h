// The task tracker as a daemon: runs attempts as processes of their own, keeps map outputs, hands
// them to reduces.
// Layer: mapreduce/tasktracker.  Threads: one event loop; file work on host.workPool.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <string>

#include "common/async/coroutine.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/rpc/host.h"
#include "mapreduce/tasktracker/children.h"

namespace cairn::mr {

struct TaskTrackerOptions {
  std::string directory;                    // created when missing; one tracker's own
  std::string listen = "127.0.0.1:0";       // where other hosts' reduces fetch
  std::string jobtracker = "127.0.0.1:8021";
  std::string namenode = "127.0.0.1:8020";
  ClusterId cluster;                        // nil: any
  std::string name;                         // for people; "" = its address
  // The datanode beside this tracker, by the address it registered with the namenode; "" = none.
  // `node`, when known, saves the question.
  std::string datanode;
  NodeId node;
  std::string machine;                      // boot id of the host
  std::string rack = "/default-rack";
  std::uint32_t mapSlots = 2;
  std::uint32_t reduceSlots = 2;
  // The cairn binary: program of built-in jobs and guard of all attempts (guard.h).
  std::string cairnBinary = "/proc/self/exe";

  std::uint64_t logBytesMax = 1 << 20;          // of each of stdout and stderr of an attempt
  std::uint64_t taskMemoryBytesMax = 4ull << 30;// address space of a task; 0 = unlimited
  std::uint64_t taskFileBytesMax = 0;           // of one file it writes; 0 = unlimited
  std::uint32_t taskOpenFilesMax = 4096;
  std::uint32_t killGraceMs = 5000;             // between asking an attempt to end and SIGKILL
  std::uint32_t taskUid = 0;                    // 0: tasks keep the tracker's user
  std::uint32_t taskGid = 0;
};

class TaskTrackerServer {
public:
  // `children`: starts the processes. Both outlive the server.
  TaskTrackerServer(rpc::Host& host, Children& children, TaskTrackerOptions options);
  ~TaskTrackerServer() noexcept(false);
  KJ_DISALLOW_COPY(TaskTrackerServer);

  // Takes the directory (IN_USE), ends what an earlier life left running, serves, and begins to
  // register: answered without waiting for the job tracker.
  kj::Promise<Result<void>> start();
  // Ends all attempts and waits until their processes are gone.
  kj::Promise<void> stop();
  std::string address() const;
  // Settles when the job tracker has accepted the registration.
  kj::Promise<void> onRegistered();

private:
  struct Impl;
  kj::Own<Impl> impl_;
};

}  // namespace cairn::mr
