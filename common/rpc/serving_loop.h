// An event loop, on a thread of its own, that takes over connections from a server whose own loop
// could not serve them all.
// Layer: rpc.  Threads: executor() from any; the rest on the loop itself.
#pragma once

#include <kj/async-io.h>
#include <kj/io.h>

#include "common/rpc/host.h"

namespace cairn::rpc {

class ServingLoop {
public:
  virtual ~ServingLoop() noexcept(false) = default;
  // Runs functions on the loop. Lives as long as this object.
  virtual const kj::Executor& executor() const = 0;
  virtual Host& host() = 0;
  // A connection that was accepted elsewhere.
  virtual kj::Own<kj::AsyncIoStream> adopt(kj::AutoCloseFd socket) = 0;
};

}  // namespace cairn::rpc
