#include "client/core/lease_keeper.h"

namespace cairn::client {

LeaseKeeper::Hold::Hold(LeaseKeeper& keeper) : keeper_(keeper) {
  if (keeper_.holds_++ == 0) keeper_.renewing_ = keeper_.renewForEver();
}

LeaseKeeper::Hold::~Hold() noexcept(false) {
  if (--keeper_.holds_ == 0) keeper_.renewing_ = nullptr;
}

kj::Promise<void> LeaseKeeper::renewForEver() {
  while (true) {
    co_await timer_.afterDelay(namenode_.leaseRenewMs() * kj::MILLISECONDS);
    // A failure was retried and shown already; if the lease is lost, the next change of the file
    // says so.
    (void)co_await namenode_.renewLease();
  }
}

}  // namespace cairn::client
