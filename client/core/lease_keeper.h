// Renews the client's leases for as long as it has files open for writing.
// Layer: client/core.  Threads: one event loop.
#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include "client/core/namenode_client.h"
#include "common/async/coroutine.h"

namespace cairn::client {

class LeaseKeeper {
public:
  // Both outlive it.
  LeaseKeeper(NamenodeClient& namenode, kj::Timer& timer) : namenode_(namenode), timer_(timer) {}
  KJ_DISALLOW_COPY(LeaseKeeper);

  // Leases are renewed while at least one Hold lives. The keeper outlives its holds.
  class Hold {
  public:
    explicit Hold(LeaseKeeper& keeper);
    ~Hold() noexcept(false);
    KJ_DISALLOW_COPY(Hold);

  private:
    LeaseKeeper& keeper_;
  };

private:
  kj::Promise<void> renewForEver();

  NamenodeClient& namenode_;
  kj::Timer& timer_;
  unsigned holds_ = 0;
  kj::Promise<void> renewing_ = nullptr;
};

}  // namespace cairn::client
