// For commands that talk to the cluster as coroutines: an event loop until the answer is there.
// Layer: client/cairn.  Threads: the main thread; blocks.
#pragma once

#include <kj/async-io.h>

#include <utility>

#include "client/cairn/real_host.h"
#include "common/base/result.h"
#include "common/rpc/convert.h"

namespace cairn::app {

// What `fn(host)`, a coroutine that yields a Result, gives.
template <typename Func>
auto onLoop(Func fn)
    -> decltype(fn(std::declval<rpc::Host&>()).wait(std::declval<kj::WaitScope&>())) {
  try {
    auto io = kj::setupAsyncIo();
    RealHost host(io, "work", 1);
    return fn(host.host()).wait(io.waitScope);
  } catch (const kj::Exception& e) {
    return fail(rpc::fromException(e, "the call"));
  }
}

}  // namespace cairn::app
