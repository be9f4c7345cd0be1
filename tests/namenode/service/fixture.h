// A namenode on a free port of 127.0.0.1 with real RocksDB in a directory of its own, and what it
// takes to call it. Everything runs on the test's event loop, but for the journal thread, and for
// clients' connections where CAIRN_TEST_SERVING_LOOPS says so.
#pragma once

#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <kj/timer.h>
#include <rocksdb/env.h>

#include "common/io/memory_disk.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/async/work_pool.h"
#include "common/base/inventory.h"
#include "common/config/namenode_config.h"
#include "common/config/settings.h"
#include "common/io/clock.h"
#include "common/io/random.h"
#include "common/metrics/metrics.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/convert.h"
#include "common/rpc/host.h"
#include "common/schema/cluster.capnp.h"
#include "common/schema/namenode.capnp.h"
#include "namenode/service/server.h"
#include "tests/namenode/service/test_serving_loop.h"
#include "tests/testkit/results.h"

namespace cairn::nn {

inline config::NamenodeConfig testConfig() {
  config::Settings settings({.home = "/nowhere", .user = "root", .cores = 1});
  EXPECT_TRUE(settings.set("namenode.audit_dir", "none", "the test").has_value());
  return config::NamenodeConfig::from(settings).value();
}

// A recovery that a datanode was told to be the primary of.
struct OrderedRecovery {
  std::uint64_t chunk = 0;
  std::uint64_t generation = 0;
  std::uint64_t newGeneration = 0;
  std::vector<std::uint32_t> nodes;
  bool cut = false;
  std::uint64_t length = 0;
  bool withoutLost = false;
};

// A copy that a datanode was told to make.
struct OrderedCopy {
  std::uint64_t chunk = 0;
  std::uint64_t generation = 0;
  std::uint64_t length = 0;
  std::vector<std::uint32_t> sources;
};

// One datanode as far as the namenode can tell.
struct FakeDatanode {
  Uuid uuid;
  Uuid boot;
  std::string rack;  // as it says; "": it does not know
  std::uint32_t node = 0;
  std::uint64_t epoch = 0;
  std::uint64_t group = 0;  // that the namenode has named last
  // What it says when it registers that it has heard before.
  std::uint64_t heardEpoch = 0;
  std::uint64_t heardGroup = 0;
  kj::Own<rpc::ClientPool> pool;
  wire::DatanodeMaster::Client master = nullptr;
  std::vector<OrderedRecovery> recoveries;  // ordered so far
  std::vector<OrderedCopy> copies;          // likewise
};

// A chunk as addChunk answered it.
struct Placed {
  std::uint64_t chunk = 0;
  std::uint64_t generation = 0;
  std::vector<std::uint32_t> nodes;
};
// A chunk as getLocations answers it.
struct Where {
  std::uint64_t chunk = 0;
  std::uint64_t length = 0;
  std::vector<std::uint32_t> nodes;
  bool complete = false;
  bool changing = false;
};

class TestNamenode {
public:
  // Makes a file system and serves it.
  void begin() {
    options.directory = "/nn";
    options.env = env.get();
    options.logDisk = &logDisk;
    options.listen = "127.0.0.1:0";
    options.superuser = "root";
    const char* const count = std::getenv("CAIRN_TEST_SERVING_LOOPS");
    while (count != nullptr && loops.size() < std::strtoul(count, nullptr, 10)) addServingLoop();
    ASSERT_OK(NamenodeServer::format(options, cluster, clock.nowMs()));
    start();
  }

  void addServingLoop() {
    options.servingLoops.push_back(loops.emplace_back(std::make_unique<TestServingLoop>()).get());
  }
  void start() {
    server = kj::heap<NamenodeServer>(host, journal, options);
    ASSERT_OK(server->start().wait(io.waitScope));
    pool = kj::heap<rpc::ClientPool>(host, rpc::ClientHello{});
    namenode = connect(*pool);
  }
  wire::Namenode::Client connect(rpc::ClientPool& from) {
    auto client = from.get<wire::Namenode>(server->address()).wait(io.waitScope);
    EXPECT_OK(client);
    return *client;
  }
  void stop() {
    if (server.get() == nullptr) return;
    datanodes.clear();
    namenode = nullptr;
    pool = nullptr;
    server->stop().wait(io.waitScope);
    server = nullptr;
  }
  void restart() {
    stop();
    start();
  }
  // As after kill -9: nothing is flushed or answered.
  void crash() {
    // Calls under way learn nothing.
    datanodes.clear();
    namenode = nullptr;
    pool = nullptr;
    server = nullptr;
  }

  template <typename Request>
  void fill(Request& request, std::uint64_t callId = 0, std::string user = "root") {
    auto call = request.initCall();
    call.setUser(user);
    rpc::toWire(client, call.initClient());
    call.setCallId(callId);
  }
  template <typename Promise>
  auto wait(Promise&& promise) {
    return kj::mv(promise).wait(io.waitScope);
  }
  // The fault of a reply as a Result.
  template <typename Response>
  static Result<void> faultOf(const Response& response) {
    return rpc::fromWire(response.getFault());
  }

  Result<bool> mkdirs(const std::string& path, std::uint64_t callId = 0,
                      std::string user = "root") {
    auto request = namenode.mkdirsRequest();
    fill(request, callId, user);
    request.setPath(path);
    request.setMode(0755);
    request.setCreateParents(true);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    return reply.getCreated();
  }
  Result<std::uint64_t> create(const std::string& path, std::uint64_t callId = 0,
                               std::string user = "root", unsigned replication = 1) {
    auto request = namenode.createRequest();
    fill(request, callId, user);
    request.setPath(path);
    auto options = request.initOptions();
    options.setMode(0644);
    options.setCreateParents(true);
    options.setReplication(static_cast<std::uint16_t>(replication));
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    return reply.getEntry().getId();
  }
  Result<Placed> addChunk(std::uint64_t file, const Placed& previous = {},
                          std::uint64_t length = 0) {
    auto request = namenode.addChunkRequest();
    fill(request);
    request.setFile(file);
    commit(previous, length, request.initPrevious());
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    Placed placed{
        reply.getChunk().getChunk().getId(), reply.getChunk().getChunk().getGeneration(), {}};
    for (auto node : reply.getChunk().getReplicas()) placed.nodes.push_back(node.getNode());
    return placed;
  }
  static void commit(const Placed& chunk, std::uint64_t length, wire::ChunkCommit::Builder to) {
    auto ref = to.initChunk();
    ref.setId(chunk.chunk);
    ref.setGeneration(chunk.generation);
    to.setLength(length);
    auto sealed = to.initSealed(static_cast<unsigned>(chunk.nodes.size()));
    for (unsigned i = 0; i < sealed.size(); ++i) {
      sealed[i].setNode(chunk.nodes[i]);
      sealed[i].setStoredLength(length / 2 + 1);
    }
  }
  Result<std::uint64_t> complete(std::uint64_t file, const Placed& last = {},
                                 std::uint64_t length = 0) {
    auto request = namenode.completeRequest();
    fill(request);
    request.setFile(file);
    if (last.chunk != 0) commit(last, length, request.initLast());
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    return reply.getEntry().getLength();
  }
  Result<bool> remove(const std::string& path, bool recursive = true, std::string user = "root",
                      std::uint64_t callId = 0) {
    auto request = namenode.removeRequest();
    fill(request, callId, user);
    request.setPath(path);
    request.setRecursive(recursive);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    return reply.getRemoved();
  }
  Result<void> rename(const std::string& from, const std::string& to, bool overwrite = false) {
    auto request = namenode.renameRequest();
    fill(request);
    request.setFrom(from);
    request.setTo(to);
    request.setOverwrite(overwrite);
    return faultOf(wait(request.send()));
  }
  Result<std::uint64_t> statId(const std::string& path, std::string user = "root") {
    auto request = namenode.statRequest();
    fill(request, 0, user);
    request.setPath(path);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    return reply.getEntry().getId();
  }
  Result<std::vector<std::string>> names(const std::string& path) {
    auto request = namenode.listRequest();
    fill(request);
    request.setPath(path);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    std::vector<std::string> all;
    for (auto entry : reply.getEntries()) all.push_back(entry.getName().cStr());
    return all;
  }
  Result<std::vector<Where>> locations(const std::string& path) {
    auto request = namenode.getLocationsRequest();
    fill(request);
    request.setPath(path);
    request.setLength(~0ULL);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    std::vector<Where> all;
    for (auto chunk : reply.getChunks()) {
      Where where{.chunk = chunk.getChunk().getId(),
                  .length = chunk.getLength(),
                  .nodes = {},
                  .complete = chunk.getComplete(),
                  .changing = chunk.getChanging()};
      for (auto node : chunk.getReplicas()) where.nodes.push_back(node.getNode());
      all.push_back(std::move(where));
    }
    return all;
  }
  Result<bool> setReplication(const std::string& path, std::uint16_t replication) {
    auto request = namenode.setReplicationRequest();
    fill(request);
    request.setPath(path);
    request.setReplication(replication);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    return reply.getIsFile();
  }
  // A file of one chunk.
  Result<Placed> writeFile(const std::string& path, std::uint64_t length,
                           unsigned replication = 1) {
    ASSIGN(const auto file, create(path, 0, "root", replication));
    ASSIGN(auto chunk, addChunk(file));
    TRY(complete(file, chunk, length));
    return chunk;
  }

  Result<void> enroll(FakeDatanode& datanode, const std::string& address, bool compare = true) {
    if (datanode.uuid.isNil()) datanode.uuid = random.uuid();
    if (datanode.boot.isNil()) datanode.boot = random.uuid();
    datanode.pool = kj::heap<rpc::ClientPool>(host, rpc::ClientHello{.role = rpc::Role::DATANODE});
    ASSIGN(datanode.master, wait(datanode.pool->get<wire::DatanodeMaster>(server->address())));
    auto request = datanode.master.registerRequest();
    auto info = request.initInfo();
    rpc::toWire(datanode.uuid, info.initUuid());
    rpc::toWire(datanode.boot, info.initBoot());
    info.initAddress().setAddress(address);
    info.getAddress().setRack(datanode.rack);
    info.setHeardEpoch(datanode.heardEpoch);
    info.setHeardGroup(datanode.heardGroup);
    auto volume = info.initVolumes(1)[0];
    volume.setPath("/v");
    volume.setCapacity(100_GiB);
    volume.setFree(100_GiB);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    datanode.node = reply.getNode();
    datanode.epoch = reply.getEpoch();
    datanode.group = reply.getGroup();
    if (!compare) return {};
    auto inventory = datanode.master.compareInventoryRequest();
    inventory.setNode(datanode.node);
    inventory.setEpoch(datanode.epoch);
    inventory.setLast(true);
    return faultOf(wait(inventory.send()));
  }
  struct Replica {
    Placed chunk;
    std::uint64_t length = 0;
    wire::ReplicaState state = wire::ReplicaState::FINAL;
  };
  static void fillReplicas(const std::vector<Replica>& replicas,
                           capnp::List<wire::ReplicaReport>::Builder to) {
    for (unsigned i = 0; i < to.size(); ++i) {
      auto ref = to[i].initChunk();
      ref.setId(replicas[i].chunk.chunk);
      ref.setGeneration(replicas[i].chunk.generation);
      to[i].setLength(replicas[i].length);
      to[i].setStoredLength(replicas[i].length / 2 + 1);
      to[i].setState(replicas[i].state);
    }
  }
  // Chunks that the answer orders to be deleted; 0 for an order to register. Those to be verified
  // go to `verifies`, those to be checked to `checks`.
  Result<std::vector<std::uint64_t>> heartbeat(FakeDatanode& datanode,
                                               const std::vector<Replica>& changed = {},
                                               const std::vector<Placed>& removed = {},
                                               std::vector<std::uint64_t>* verifies = nullptr,
                                               std::vector<std::uint64_t>* checks = nullptr) {
    auto request = datanode.master.heartbeatRequest();
    request.setNode(datanode.node);
    request.setEpoch(datanode.epoch);
    auto volume = request.initVolumes(1)[0];
    volume.setFree(100_GiB);
    fillReplicas(changed, request.initChanged(static_cast<unsigned>(changed.size())));
    auto gone = request.initRemoved(static_cast<unsigned>(removed.size()));
    for (unsigned i = 0; i < gone.size(); ++i) {
      gone[i].setId(removed[i].chunk);
      gone[i].setGeneration(removed[i].generation);
    }
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    datanode.group = reply.getGroup();
    std::vector<std::uint64_t> orders;
    for (auto command : reply.getCommands()) {
      if (command.isRegister()) orders.push_back(0);
      if (command.isRecoverChunk()) noteRecovery(datanode, command.getRecoverChunk());
      if (command.isCopyReplicas()) noteCopies(datanode, command.getCopyReplicas());
      if (command.isVerifyReplicas() && verifies != nullptr) {
        for (auto chunk : command.getVerifyReplicas()) verifies->push_back(chunk.getId());
      }
      if (command.isCheckReplicas() && checks != nullptr) {
        for (auto chunk : command.getCheckReplicas()) checks->push_back(chunk.getId());
      }
      if (!command.isDeleteReplicas()) continue;
      for (auto chunk : command.getDeleteReplicas()) orders.push_back(chunk.getId());
    }
    return orders;
  }
  // A reader says of this datanode's copy that it is damaged.
  Result<void> reportBad(const Placed& chunk, std::uint32_t node) {
    auto bad = namenode.reportBadReplicaRequest();
    fill(bad, 0, "alice");
    bad.initChunk().setId(chunk.chunk);
    bad.getChunk().setGeneration(chunk.generation);
    bad.setNode(node);
    return faultOf(wait(bad.send()));
  }
  static void noteCopies(FakeDatanode& datanode, capnp::List<wire::CopyOrder>::Reader orders) {
    for (auto order : orders) {
      OrderedCopy& noted = datanode.copies.emplace_back();
      noted.chunk = order.getChunk().getId();
      noted.generation = order.getChunk().getGeneration();
      noted.length = order.getLength();
      for (auto source : order.getSources()) noted.sources.push_back(source.getNode());
    }
  }
  // Tells that a copy could not be made, and who had sent it damaged.
  Result<void> copyFailed(FakeDatanode& datanode, const Placed& chunk,
                          const std::vector<std::uint32_t>& damaged = {}) {
    auto request = datanode.master.heartbeatRequest();
    request.setNode(datanode.node);
    request.setEpoch(datanode.epoch);
    request.initVolumes(1)[0].setFree(100_GiB);
    auto failure = request.initCopiesFailed(1)[0];
    failure.initChunk().setId(chunk.chunk);
    failure.getChunk().setGeneration(chunk.generation);
    auto sources = failure.initDamaged(static_cast<unsigned>(damaged.size()));
    for (unsigned i = 0; i < sources.size(); ++i) sources.set(i, damaged[i]);
    return faultOf(wait(request.send()));
  }
  static void noteRecovery(FakeDatanode& datanode, wire::ChunkRecovery::Reader order) {
    OrderedRecovery& noted = datanode.recoveries.emplace_back();
    noted.chunk = order.getChunk().getId();
    noted.generation = order.getChunk().getGeneration();
    noted.newGeneration = order.getNewGeneration();
    noted.cut = order.getCut();
    noted.length = order.getLength();
    noted.withoutLost = order.getWithoutLost();
    for (auto node : order.getNodes()) noted.nodes.push_back(node.getNode());
  }
  // Lets time pass until one of these datanodes is told to recover a chunk; null when none is.
  FakeDatanode* untilRecovery(std::vector<FakeDatanode*> among) {
    FakeDatanode* told = nullptr;
    until([&]() {
      for (FakeDatanode* datanode : among) {
        const auto before = datanode->recoveries.size();
        EXPECT_OK(heartbeat(*datanode));
        if (datanode->recoveries.size() > before) told = datanode;
      }
      return told != nullptr;
    });
    return told;
  }
  // The outcome of the recovery ordered last, as this datanode tells it.
  Result<void> commitRecovery(FakeDatanode& datanode, const OrderedRecovery& order,
                              std::uint64_t length, const std::vector<std::uint32_t>& sealed) {
    auto request = datanode.master.commitRecoveryRequest();
    request.setNode(datanode.node);
    request.setEpoch(datanode.epoch);
    request.initChunk().setId(order.chunk);
    request.getChunk().setGeneration(order.generation);
    request.setNewGeneration(order.newGeneration);
    request.setLength(length);
    auto copies = request.initSealed(static_cast<unsigned>(sealed.size()));
    for (unsigned i = 0; i < copies.size(); ++i) {
      copies[i].setNode(sealed[i]);
      copies[i].setStoredLength(length / 2 + 1);
    }
    return faultOf(wait(request.send()));
  }
  // Compares an inventory, all in one call; the ranges that differ.
  Result<std::vector<std::uint64_t>> compare(FakeDatanode& datanode,
                                             const std::vector<Replica>& inventory) {
    std::map<std::uint64_t, InventoryDigest> digests;
    for (const auto& replica : inventory) {
      const ChunkId chunk(replica.chunk.chunk);
      digests[inventoryRangeOf(chunk)].add(chunk, GenerationStamp(replica.chunk.generation),
                                           replica.length);
    }
    auto request = datanode.master.compareInventoryRequest();
    request.setNode(datanode.node);
    request.setEpoch(datanode.epoch);
    request.setLast(true);
    auto ranges = request.initRanges(static_cast<unsigned>(digests.size()));
    unsigned i = 0;
    for (const auto& [range, digest] : digests) {
      ranges[i].setRange(range);
      ranges[i].setCount(digest.count());
      ranges[i].initSum().setHigh(digest.sumHigh());
      ranges[i].getSum().setLow(digest.sumLow());
      ++i;
    }
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    std::vector<std::uint64_t> unequal;
    for (auto range : reply.getUnequal()) unequal.push_back(range);
    return unequal;
  }
  Result<void> reportRange(FakeDatanode& datanode, std::uint64_t range,
                           const std::vector<Replica>& replicas) {
    auto request = datanode.master.reportRangeRequest();
    request.setNode(datanode.node);
    request.setEpoch(datanode.epoch);
    request.setRange(range);
    fillReplicas(replicas, request.initReplicas(static_cast<unsigned>(replicas.size())));
    return faultOf(wait(request.send()));
  }
  FakeDatanode& addDatanode() {
    auto& datanode = *datanodes.emplace_back(std::make_unique<FakeDatanode>());
    EXPECT_OK(enroll(datanode, "127.0.0.1:" + std::to_string(9000 + datanodes.size())));
    return datanode;
  }

  // Lets time pass, and what is due in it happen.
  void pass(std::int64_t ms) {
    constexpr std::int64_t STEP_MS = 250;
    for (std::int64_t left = ms; left > 0; left -= STEP_MS) {
      const std::int64_t step = std::min(left, STEP_MS);
      clock.advanceMs(step);
      timer.advanceTo(timer.now() + step * kj::MILLISECONDS);
      wait(namenode.pingRequest().send());
    }
  }
  // Lets time pass until `done()`; false when it never comes.
  template <typename Done>
  bool until(Done&& done) {
    for (int i = 0; i < 2000; ++i) {
      if (done()) return true;
      pass(250);
    }
    return false;
  }
  // Whether it is on after that.
  Result<bool> safeMode(wire::SafeModeAction action = wire::SafeModeAction::GET,
                        std::string user = "root") {
    auto request = namenode.safeModeRequest();
    fill(request, 0, user);
    request.setAction(action);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    return reply.getOn();
  }
  auto report() {
    auto request = namenode.reportRequest();
    fill(request);
    return wait(request.send());
  }

  io::MemoryDisk logDisk;
  std::unique_ptr<rocksdb::Env> env{rocksdb::NewMemEnv(rocksdb::Env::Default())};
  kj::AsyncIoContext io = kj::setupAsyncIo();
  io::ManualClock clock;
  kj::TimerImpl timer{kj::origin<kj::TimePoint>()};
  io::Random random{42};
  metrics::Registry metrics;
  kj::Own<rpc::Network> network = rpc::newSocketNetwork(io);
  async::ThreadWorkPool workers{"work", 1, 1000};
  async::ThreadWorkPool journal{"journal", 1, 1000};
  rpc::Host host{timer, clock, random, *network, workers, metrics};
  NamenodeOptions options{
      .config = testConfig(), .directory = {}, .listen = {}, .superuser = {}, .groupsOf = {}};
  ClusterId cluster = random.uuid();
  ClientId client = random.uuid();
  std::vector<std::unique_ptr<TestServingLoop>> loops;
  kj::Own<NamenodeServer> server;
  kj::Own<rpc::ClientPool> pool;
  wire::Namenode::Client namenode = nullptr;
  std::vector<std::unique_ptr<FakeDatanode>> datanodes;
};

class NamenodeTest : public ::testing::Test, protected TestNamenode {
public:
  ~NamenodeTest() noexcept override {}

protected:
  void SetUp() override { begin(); }
  void TearDown() override { stop(); }
};

}  // namespace cairn::nn
