// Gives the space of removed replicas back when their time is over (removed_files.h), and earlier
// on a disk that is nearly full: on each volume some files at a time, behind all other work.
// Layer: datanode/duty.  Threads: one event loop; what blocks runs on the volumes' pools.
#pragma once

#include <kj/async.h>

#include <cstddef>

#include "common/async/coroutine.h"
#include "common/rpc/host.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

class Emptying final : private kj::TaskSet::ErrorHandler {
public:
  // Each volume is looked at so often.
  static constexpr std::int64_t PERIOD_MS = 5'000;

  // `host` and `store` outlive it; the store is open. Destroyed, it drops what it is at.
  Emptying(rpc::Host& host, ReplicaStore& store);
  KJ_DISALLOW_COPY(Emptying);

private:
  // For ever, or until the volume is out of service.
  kj::Promise<void> run(std::size_t volume);
  void taskFailed(kj::Exception&& exception) override;

  rpc::Host& host_;
  ReplicaStore& store_;
  kj::TaskSet tasks_;
};

}  // namespace cairn::dn
