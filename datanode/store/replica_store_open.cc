// How a ReplicaStore starts: directories taken, identities compared, replicas recovered.
#include <set>
#include <utility>

#include "common/log/log.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

namespace {

// A directory that cannot be read is a broken disk, which the others may outlive. Anything else is
// an operator's mistake or somebody else's data, and stops the start.
bool isBrokenDisk(const Status& failure) { return failure.code() == Code::IO_ERROR; }

}  // namespace

kj::Promise<Result<void>> ReplicaStore::open() {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    auto& lane = lanes_[i];
    // Not run(): there is no volume yet.
    auto opened =
        co_await lane.source.pool.run([&disk = lane.source.disk, options = options_.volume]() {
          return Volume::open(disk, options);
        });
    if (opened.has_value()) {
      lane.volume = std::move(*opened);
      continue;
    }
    if (!isBrokenDisk(opened.error())) co_return fail(kj::mv(opened).error());
    lane.openFailure = opened.error().message();
    LOG(ERROR) << lane.source.disk.pathOf("") << " is out of service: " << lane.openFailure;
  }
  if (volumesInService() == 0) {
    co_return fail(Code::IO_ERROR, "no directory of this datanode can be used; the last said: " +
                                       lanes_.back().openFailure);
  }
  CO_TRY(checkIdentities());
  if (identity_.datanode.isNil()) identity_.datanode = host_.random.uuid();
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!lanes_[i].volume || !lanes_[i].volume->identity()) continue;
    CO_TRY(co_await loadVolume(i));
    if (lanes_[i].volume) co_await readFollowed(i);
  }
  co_await refreshSpace();
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (lanes_[i].volume) tasks_.add(lookIntoFound(i));
  }
  co_return Result<void>();
}

Result<void> ReplicaStore::checkIdentities() {
  std::set<Uuid> seen;
  const Volume* first = nullptr;
  for (const auto& lane : lanes_) {
    if (!lane.volume || !lane.volume->identity()) continue;
    const auto& identity = *lane.volume->identity();
    if (!seen.insert(identity.volume).second) {
      return fail(Code::IN_USE, lane.volume->path() + " is a copy of another of the directories");
    }
    if (first == nullptr) {
      first = lane.volume.get();
      identity_ = {identity.cluster, identity.datanode, identity.node};
      continue;
    }
    if (identity.cluster != identity_.cluster) {
      return fail(Code::WRONG_CLUSTER, lane.volume->path() + " belongs to cluster " +
                                           identity.cluster.toString() + ", " + first->path() +
                                           " to " + identity_.cluster.toString());
    }
    if (identity.datanode != identity_.datanode) {
      return fail(Code::IN_USE,
                  lane.volume->path() + " and " + first->path() + " belong to different datanodes");
    }
  }
  return {};
}

kj::Promise<Result<void>> ReplicaStore::loadVolume(std::size_t index) {
  auto loaded = co_await run(index, Urgency::CONTROL, [](Volume& on) { return on.load(); });
  if (!loaded.has_value()) {
    auto& lane = lanes_[index];
    if (!isBrokenDisk(loaded.error()) || volumesInService() <= 1) {
      co_return fail(kj::mv(loaded).error());
    }
    LOG(ERROR) << lane.volume->path() << " is out of service: " << loaded.error().message();
    lane.openFailure = loaded.error().message();
    lane.volume = nullptr;
    co_return Result<void>();
  }
  quarantined_ += loaded->quarantined;
  // No news of them: of final ones the digests tell, of others nothing is known yet.
  const auto add = [&](const ReplicaKey& key, const Replica& replica) {
    // Two volumes never hold the same replica, unless somebody copied files.
    const auto* known = table_.find(key);
    if (known == nullptr) {
      table_.put(key, replica);
    } else if (known->state == ReplicaState::FINAL || replica.state != ReplicaState::FINAL) {
      tasks_.add(putAside(index, key.chunk, pathOf(key, replica),
                          "another volume holds the same replica"));
    } else {
      const auto worse = *known;
      table_.put(key, replica);
      tasks_.add(putAside(worse.volume, key.chunk, pathOf(key, worse),
                          "another volume holds it finished"));
    }
  };
  for (const auto& name : loaded->finals) {
    add(name.key, {.length = name.length,
                   .storedLength = name.storedLength,
                   .volume = static_cast<std::uint8_t>(index),
                   .state = ReplicaState::FINAL});
  }
  for (const auto& key : loaded->unfinished) {
    add(key, {.volume = static_cast<std::uint8_t>(index), .state = ReplicaState::FOUND});
  }
  co_await readDamageNote(index);
  LOG(INFO) << lanes_[index].volume->path() << ": " << loaded->finals.size() << " replicas, "
            << loaded->unfinished.size() << " unfinished, " << loaded->quarantined
            << " in quarantine";
  co_return Result<void>();
}

kj::Promise<Result<void>> ReplicaStore::adopt(ClusterId cluster, NodeId node) {
  if (!identity_.cluster.isNil() && identity_.cluster != cluster) {
    co_return fail(Code::WRONG_CLUSTER, "the datanode's directories belong to cluster " +
                                            identity_.cluster.toString() +
                                            ", the namenode to cluster " + cluster.toString());
  }
  // What it was told of damage it may have forgotten, and would count on those replicas.
  for (const auto& key : damaged_) tellAgain(key);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!lanes_[i].volume || lanes_[i].volume->failed()) continue;
    const auto& known = lanes_[i].volume->identity();
    if (known && known->node == node) continue;
    const VolumeIdentity wanted{.cluster = cluster,
                                .datanode = identity_.datanode,
                                .volume = known ? known->volume : host_.random.uuid(),
                                .node = node};
    const bool fresh = !known;
    CO_TRY(co_await run(i, Urgency::CONTROL, [wanted, fresh](Volume& on) {
      return fresh ? on.format(wanted) : on.rewriteIdentity(wanted);
    }));
    if (fresh) LOG(INFO) << lanes_[i].volume->path() << " was taken into use";
  }
  identity_.cluster = cluster;
  identity_.node = node;
  co_return Result<void>();
}

}  // namespace cairn::dn
