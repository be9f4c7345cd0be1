// Does what the namenode orders: removes replicas, reads replicas whole that somebody found
// damaged. Layer: datanode/duty.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <cstddef>

#include "common/schema/cluster.capnp.h"
#include "datanode/duty/key_queue.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

class Commands {
public:
  // `store` outlives it.
  explicit Commands(ReplicaStore& store);
  KJ_DISALLOW_COPY(Commands);

  // Takes the orders that a replica store can carry out; they are done in the background, in the
  // order they came. The caller has checked the epoch. False for any other command.
  bool obey(wire::Command::Reader command);
  // A copy of this replica is ordered: no earlier order to remove it stands any more.
  void forgetRemoval(const ReplicaKey& key) { removals_.forget(key); }
  // Waiting and under way.
  std::size_t removals() const { return removals_.size(); }
  std::size_t verifications() const { return verifications_.size(); }
  std::size_t checks() const { return checks_.size(); }
  // Drops removals that have not begun, and all verifications. What was ordered before the replicas
  // are told anew may not be wanted any more by then: a copy that counts again must not go. The
  // namenode orders it again.
  void clear();

private:
  kj::Promise<void> remove(ReplicaKey key);
  kj::Promise<void> verify(ReplicaKey key, ReplicaStore::IfDamaged then);

  ReplicaStore& store_;
  KeyQueue removals_;
  KeyQueue verifications_;
  KeyQueue checks_;
};

}  // namespace cairn::dn
