// What the namenode does from time to time by itself, one duty a file. Each runs on the state loop,
// in slices: no call waits for more than one slice. Layer: duty.  Threads: the state loop.
#pragma once

#include <kj/async.h>

#include "namenode/audit/audit_sink.h"
#include "namenode/state/state.h"

namespace cairn::nn {

class Duties final : private kj::TaskSet::ErrorHandler {
public:
  // Starts them all. `state`, and `audit` (null: there is no audit log), must outlive it. Dropping
  // it stops them at once.
  Duties(State& state, AuditSink* audit);
  KJ_DISALLOW_COPY(Duties);

private:
  void taskFailed(kj::Exception&& exception) override;
  kj::TaskSet tasks_;
};

}  // namespace cairn::nn
