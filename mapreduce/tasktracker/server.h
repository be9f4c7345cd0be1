// The task tracker as a daemon: runs attempts as processes of their own, keeps map outputs, hands
// them to reduces.
// Layer: mapreduce/tasktracker.  Threads: one event loop; file work on host.workPool.
#pragma once

#include <kj/async.h>

#include <string>

#include "common/async/coroutine.h"
#include "common/base/result.h"
#include "common/rpc/host.h"
#include "mapreduce/tasktracker/children.h"
#include "mapreduce/tasktracker/options.h"

namespace cairn::mr {

class TaskTrackerServer {
public:
  // `children`: starts the processes. Both outlive the server.
  TaskTrackerServer(rpc::Host& host, Children& children, TaskTrackerOptions options);
  ~TaskTrackerServer() noexcept(false);
  KJ_DISALLOW_COPY(TaskTrackerServer);

  // Takes the directory (IN_USE), removes what attempts of an earlier life left in it (their
  // processes died with it, see guard.h), serves, and begins to register: answered without waiting
  // for the job tracker.
  kj::Promise<Result<void>> start();
  // Ends all attempts and waits until their processes are gone.
  kj::Promise<void> stop();
  std::string address() const;
  // Whether it takes tasks now: it serves and is registered. UNAVAILABLE with the reason otherwise.
  Result<void> ready() const;
  // Settles when the job tracker has accepted the registration.
  kj::Promise<void> onRegistered();

private:
  struct Impl;
  kj::Own<Impl> impl_;
};

}  // namespace cairn::mr
