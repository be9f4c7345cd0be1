// Fault points in coroutines: `CO_TRY(co_await passFault(host.timer, faultPoint("client.x.y")));`
// Layer: client/core.
#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include "common/async/coroutine.h"
#include "common/base/fault.h"

namespace cairn::client {

// The armed error, or success after the armed delay.
inline kj::Promise<Result<void>> passFault(kj::Timer& timer, FaultAction action) {
  if (action) return Result<void>(action.error());
  if (action.delayMs() == 0) return Result<void>();
  return timer.afterDelay(action.delayMs() * kj::MILLISECONDS).then([]() -> Result<void> {
    return {};
  });
}

}  // namespace cairn::client
