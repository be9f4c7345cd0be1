// How a ReplicaStore starts: directories taken, identities compared, replicas recovered.
#include <map>
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
  co_await passByUnmounted();
  if (identity_.datanode.isNil()) identity_.datanode = host_.random.uuid();
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!lanes_[i].volume || !lanes_[i].volume->identity()) continue;
    CO_TRY(co_await loadVolume(i));
    if (lanes_[i].volume) co_await readFollowed(i);
  }
  co_await readLostNotes();
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

kj::Promise<void> ReplicaStore::passByUnmounted() {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    auto& lane = lanes_[i];
    if (!lane.volume || !lane.volume->identity()) continue;
    const auto note = co_await run(i, Urgency::CONTROL, [](Volume& on) {
      return on.readNote(VOLUMES_FILE, VOLUMES_BYTES_MAX);
    });
    const auto text = note.has_value() ? note->value_or("") : "";
    if (note.has_value() && !note->has_value()) continue;
    const auto known =
        note.has_value() ? decodeKnownVolumes(text) : Result<KnownVolumes>(fail(note.error()));
    if (!known.has_value()) {
      LOG(WARNING) << lane.volume->path()
                   << ": its list of volumes is of no use: " << known.error().message();
      continue;
    }
    lane.volumesNote = text;
    knownVolumes_.insert(known->begin(), known->end());
  }
  std::set<Uuid> present;
  for (const auto& lane : lanes_) {
    if (lane.volume && lane.volume->identity()) present.insert(lane.volume->identity()->volume);
  }
  std::map<std::string, Uuid> missing;  // by directory
  for (const auto& [volume, path] : knownVolumes_) {
    if (!present.contains(volume)) missing[path] = volume;
  }
  for (auto& lane : lanes_) {
    if (!lane.volume || lane.volume->identity() || lane.volume->isMeantToBeNew()) continue;
    const auto was = missing.find(lane.volume->path());
    if (was == missing.end()) continue;
    lane.openFailure =
        lane.volume->path() + " is empty, but volume " + was->second.toString() +
        " of this datanode lay here: is its disk not mounted? If the disk is lost or "
        "was replaced, create the file " +
        lane.source.disk.pathOf(NEW_VOLUME_FILE) +
        " and start the datanode again: then a new volume is made here";
    lane.volume = nullptr;
    LOG(ERROR) << lane.openFailure << "; until then it is out of service";
  }
}

kj::Promise<void> ReplicaStore::noteVolumes() {
  KnownVolumes now;
  std::set<std::string> taken;  // directories
  for (const auto& lane : lanes_) {
    if (!lane.volume || !lane.volume->identity()) continue;
    now[lane.volume->identity()->volume] = lane.volume->path();
    taken.insert(lane.volume->path());
  }
  // Whoever takes a directory out of the configuration takes its volume away.
  for (const auto& lane : lanes_) {
    const auto path = lane.source.disk.pathOf("");
    for (const auto& [volume, place] : knownVolumes_) {
      if (place == path && !taken.contains(path)) now.emplace(volume, place);
    }
  }
  knownVolumes_ = now;
  const auto text = encode(now);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!inService(i) || !lanes_[i].volume->identity() || lanes_[i].volumesNote == text) continue;
    const auto written = co_await run(i, Urgency::CONTROL, [text](Volume& on) {
      return on.writeNote(VOLUMES_FILE, asBytes(text));
    });
    if (written.has_value()) {
      lanes_[i].volumesNote = text;
    } else {
      LOG(WARNING) << lanes_[i].source.disk.pathOf("")
                   << ": which volumes there are could not be noted: " << written.error().message();
    }
  }
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
      table_.remove(key);
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
  co_await noteVolumes();
  identity_.cluster = cluster;
  identity_.node = node;
  co_return Result<void>();
}

}  // namespace cairn::dn
