#include "datanode/duty/commands.h"

namespace cairn::dn {
namespace {

ReplicaKey keyOf(wire::ChunkRef::Reader chunk) {
  return {ChunkId(chunk.getId()), GenerationStamp(chunk.getGeneration())};
}

}  // namespace

Commands::Commands(ReplicaStore& store)
    : store_(store),
      removals_("removing replicas", [this](ReplicaKey key) { return remove(key); }),
      verifications_(
          "verifying replicas",
          [this](ReplicaKey key) { return verify(key, ReplicaStore::IfDamaged::QUARANTINE); }),
      checks_("checking replicas",
              [this](ReplicaKey key) { return verify(key, ReplicaStore::IfDamaged::KEEP); }) {}

bool Commands::obey(wire::Command::Reader command) {
  switch (command.which()) {
    case wire::Command::DELETE_REPLICAS:
      for (auto chunk : command.getDeleteReplicas()) removals_.add(keyOf(chunk));
      return true;
    case wire::Command::VERIFY_REPLICAS:
      for (auto chunk : command.getVerifyReplicas()) verifications_.add(keyOf(chunk));
      return true;
    case wire::Command::CHECK_REPLICAS:
      for (auto chunk : command.getCheckReplicas()) checks_.add(keyOf(chunk));
      return true;
    default: return false;
  }
}

void Commands::clear() {
  removals_.clear();
  verifications_.clear();
  checks_.clear();
}

kj::Promise<void> Commands::remove(ReplicaKey key) {
  // Failures are logged by the store; the replica stays in the namenode's books and is ordered away
  // again.
  return store_.remove(key).ignoreResult();
}

kj::Promise<void> Commands::verify(ReplicaKey key, ReplicaStore::IfDamaged then) {
  return store_.verify(key, then).then([key](Result<void> verified) {
    if (verified.has_value()) {
      LOG(INFO) << "the replica of " << key.toString() << " was verified: it is good";
    } else {
      LOG(WARNING) << "verifying the replica of " << key.toString() << ": "
                   << verified.error().message();
    }
  });
}

}  // namespace cairn::dn
