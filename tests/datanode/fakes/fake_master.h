// The namenode as datanodes see it: remembers what it was told, gives the orders a test queues.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/inventory.h"
#include "common/base/result.h"
#include "common/rpc/convert.h"
#include "common/schema/cluster.capnp.h"
#include "datanode/store/replica_name.h"

namespace cairn::dn::fakes {

struct KnownReplica {
  std::uint64_t length = 0;
  std::uint64_t storedLength = 0;
  wire::ReplicaState state = wire::ReplicaState::FINAL;
};

struct KnownNode {
  Uuid uuid;
  Uuid boot;
  std::string address;
  std::map<ReplicaKey, KnownReplica> replicas;
  unsigned registrations = 0;
  unsigned heartbeats = 0;
  unsigned rangesReported = 0;
  std::uint64_t heardEpoch = 0;  // as it said when it registered last
  std::uint64_t heardGroup = 0;
  std::uint64_t quarantined = 0;
  std::vector<bool> volumesFailed;
  std::vector<std::uint64_t> freeBytes;
  std::set<ReplicaKey> removed;  // ever
  std::set<ReplicaKey> damaged;  // reported as quarantined, ever
  // Given out with the next heartbeat.
  std::deque<std::function<void(wire::Command::Builder)>> orders;
};

// What a primary told of a recovery.
struct KnownRecovery {
  ReplicaKey chunk;
  std::uint64_t newGeneration = 0;
  std::uint64_t length = 0;
  std::map<std::uint32_t, std::uint64_t> sealed;  // node -> stored length
};

struct MasterState {
  ClusterId cluster = Uuid::fromHighLow(0xc1, 0x5e);
  Epoch epoch{1};
  std::uint64_t group = 1;  // that it names; 0: it is an older one
  std::uint32_t heartbeatMs = 3000;
  std::map<std::uint32_t, KnownNode> nodes;
  std::vector<Status> refusals;  // answers to the next registrations
  bool forgetful = false;        // heartbeats are answered with NOT_FOUND
  std::vector<KnownRecovery> recoveries;
  // Copies that could not be made, and the sources that sent them damaged.
  std::vector<std::pair<ReplicaKey, std::vector<std::uint32_t>>> copyFailures;

  KnownNode& node(NodeId id) { return nodes.at(id.value); }
};

class FakeMaster final : public wire::DatanodeMaster::Server {
public:
  explicit FakeMaster(MasterState& state) : state_(state) {}

protected:
  kj::Promise<void> register_(RegisterContext context) override {
    const auto info = context.getParams().getInfo();
    auto results = context.getResults();
    if (!state_.refusals.empty()) {
      rpc::toWire(state_.refusals.front(), results.initFault());
      state_.refusals.erase(state_.refusals.begin());
      return kj::READY_NOW;
    }
    const auto uuid = rpc::fromWire(info.getUuid());
    std::uint32_t number = 0;
    for (const auto& [id, node] : state_.nodes) {
      if (node.uuid == uuid) number = id;
    }
    if (number == 0) number = static_cast<std::uint32_t>(state_.nodes.size() + 1);
    auto& node = state_.nodes[number];
    node.uuid = uuid;
    node.boot = rpc::fromWire(info.getBoot());
    node.address = rpc::toString(info.getAddress().getAddress());
    ++node.registrations;
    node.heardEpoch = info.getHeardEpoch();
    node.heardGroup = info.getHeardGroup();
    results.setGroup(state_.group);
    takeVolumes(node, info.getVolumes());
    results.setNode(number);
    results.setEpoch(state_.epoch.value);
    rpc::toWire(state_.cluster, results.initCluster());
    results.setHeartbeatMs(state_.heartbeatMs);
    return kj::READY_NOW;
  }

  kj::Promise<void> compareInventory(CompareInventoryContext context) override {
    const auto params = context.getParams();
    auto& node = state_.nodes.at(params.getNode());
    std::map<std::uint64_t, InventoryDigest> known;
    for (const auto& [key, replica] : node.replicas) {
      if (replica.state != wire::ReplicaState::FINAL) continue;
      known[inventoryRangeOf(key.chunk)].add(key.chunk, key.generation, replica.length);
    }
    std::vector<std::uint64_t> unequal;
    for (auto range : params.getRanges()) {
      const InventoryDigest digest(range.getCount(), range.getSum().getHigh(),
                                   range.getSum().getLow());
      if (known[range.getRange()] != digest) unequal.push_back(range.getRange());
      known.erase(range.getRange());
    }
    for (const auto& [range, digest] : known) unequal.push_back(range);
    auto list = context.getResults().initUnequal(static_cast<unsigned>(unequal.size()));
    for (unsigned i = 0; i < list.size(); ++i) list.set(i, unequal[i]);
    return kj::READY_NOW;
  }

  kj::Promise<void> reportRange(ReportRangeContext context) override {
    const auto params = context.getParams();
    auto& node = state_.nodes.at(params.getNode());
    ++node.rangesReported;
    std::erase_if(node.replicas, [&](const auto& entry) {
      return inventoryRangeOf(entry.first.chunk) == params.getRange();
    });
    for (auto replica : params.getReplicas()) take(node, replica);
    return kj::READY_NOW;
  }

  kj::Promise<void> heartbeat(HeartbeatContext context) override {
    const auto params = context.getParams();
    auto results = context.getResults();
    if (state_.forgetful || Epoch(params.getEpoch()) != state_.epoch) {
      state_.forgetful = false;
      rpc::toWire(Status(Code::NOT_FOUND, "who are you?"), results.initFault());
      return kj::READY_NOW;
    }
    results.setGroup(state_.group);
    auto& node = state_.nodes.at(params.getNode());
    ++node.heartbeats;
    node.quarantined = params.getQuarantined();
    takeVolumes(node, params.getVolumes());
    for (auto replica : params.getChanged()) take(node, replica);
    for (auto chunk : params.getRemoved()) {
      const ReplicaKey key{ChunkId(chunk.getId()), GenerationStamp(chunk.getGeneration())};
      node.replicas.erase(key);
      node.removed.insert(key);
    }
    for (auto failure : params.getCopiesFailed()) {
      auto& [key, damaged] = state_.copyFailures.emplace_back();
      key = {ChunkId(failure.getChunk().getId()),
             GenerationStamp(failure.getChunk().getGeneration())};
      for (auto source : failure.getDamaged()) damaged.push_back(source);
    }
    auto commands = results.initCommands(static_cast<unsigned>(node.orders.size()));
    for (unsigned i = 0; i < commands.size(); ++i) {
      commands[i].setEpoch(state_.epoch.value);
      node.orders[i](commands[i]);
    }
    node.orders.clear();
    return kj::READY_NOW;
  }

  kj::Promise<void> commitRecovery(CommitRecoveryContext context) override {
    const auto params = context.getParams();
    KnownRecovery recovery{.chunk = {ChunkId(params.getChunk().getId()),
                                     GenerationStamp(params.getChunk().getGeneration())},
                           .newGeneration = params.getNewGeneration(),
                           .length = params.getLength(),
                           .sealed = {}};
    for (auto replica : params.getSealed()) {
      recovery.sealed[replica.getNode()] = replica.getStoredLength();
    }
    state_.recoveries.push_back(std::move(recovery));
    return kj::READY_NOW;
  }

private:
  static void take(KnownNode& node, wire::ReplicaReport::Reader report) {
    const ReplicaKey key{ChunkId(report.getChunk().getId()),
                         GenerationStamp(report.getChunk().getGeneration())};
    if (report.getState() == wire::ReplicaState::QUARANTINED) {
      node.replicas.erase(key);
      node.damaged.insert(key);
      return;
    }
    node.replicas[key] = {report.getLength(), report.getStoredLength(), report.getState()};
  }
  static void takeVolumes(KnownNode& node, capnp::List<wire::VolumeReport>::Reader volumes) {
    node.volumesFailed.clear();
    node.freeBytes.clear();
    for (auto volume : volumes) {
      node.volumesFailed.push_back(volume.getFailed());
      node.freeBytes.push_back(volume.getFree());
    }
  }

  MasterState& state_;
};

}  // namespace cairn::dn::fakes
