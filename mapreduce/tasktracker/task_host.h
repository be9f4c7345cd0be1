// The object that a task process talks to over its descriptor 3.
// Layer: mapreduce/tasktracker.  Threads: one event loop.
#pragma once

#include <memory>

#include "common/schema/task.capnp.h"

namespace cairn::mr {

class AttemptRunner;

// Calls outlive the connection they came by, and may outlive the attempt: `attempt` is null then,
// and `calls` has dropped what was under way.
struct AttemptHandle {
  AttemptRunner* attempt = nullptr;
  kj::Canceler calls;
};

wire::TaskHost::Client newTaskHost(std::shared_ptr<AttemptHandle> handle);

}  // namespace cairn::mr
