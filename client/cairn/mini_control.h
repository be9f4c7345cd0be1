// The Unix socket in a mini cluster's directory, through which another process of the same user
// asks it to drop a datanode: `cairn mini --dir DIR --stop-datanode 2`. Layer: client/cairn.
// Threads: one event loop.
//
// One line there, "stop-datanode 2", and one back: "done", or what was wrong.
#pragma once

#include <kj/async-io.h>
#include <kj/function.h>

#include <cstdint>
#include <string>

#include "common/base/result.h"

namespace cairn::app {

// Serves until the promise is dropped. Bad requests and lost peers cost nothing but themselves.
// Breaks when the socket cannot be made: the message says why.
kj::Promise<void> serveMiniControl(kj::AsyncIoContext& io, std::string directory,
                                   kj::Function<Result<void>(std::uint32_t number)> stopDatanode);

// The other side. UNAVAILABLE: no cluster runs in the directory. Otherwise its answer.
kj::Promise<Result<void>> askMiniToStopDatanode(kj::AsyncIoContext& io, std::string directory,
                                                std::uint32_t number);

}  // namespace cairn::app
