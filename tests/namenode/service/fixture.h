// A namenode on a free port of 127.0.0.1 with real RocksDB in a directory of its own, and what it
// takes to call it. Everything runs on the test's event loop, but for the journal thread.
#pragma once

#include <gtest/gtest.h>
#include <kj/async-io.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/async/work_pool.h"
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
#include "tests/testkit/results.h"

namespace cairn::nn {

class TemporaryDirectory {
public:
  TemporaryDirectory() {
    std::string pattern = std::filesystem::temp_directory_path() / "cairn-nn-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

inline config::NamenodeConfig testConfig() {
  config::Settings settings({.home = "/nowhere", .user = "root", .cores = 1});
  return config::NamenodeConfig::from(settings).value();
}

// One datanode as far as the namenode can tell.
struct FakeDatanode {
  Uuid uuid;
  Uuid boot;
  std::uint32_t node = 0;
  std::uint64_t epoch = 0;
  kj::Own<rpc::ClientPool> pool;
  wire::DatanodeMaster::Client master = nullptr;
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
};

class NamenodeTest : public ::testing::Test {
public:
  ~NamenodeTest() noexcept override {}

protected:
  void SetUp() override {
    options.config = testConfig();
    options.directory = directory.path() + "/nn";
    options.listen = "127.0.0.1:0";
    options.superuser = "root";
    ASSERT_OK(NamenodeServer::format(options, cluster, clock.nowMs()));
    start();
  }
  void TearDown() override { stop(); }

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
    datanodes.clear();
    namenode = nullptr;
    pool = nullptr;
    server = nullptr;
    // The write that may be under way on the journal thread shares the tables: they close with it.
    journal.run([]() {}).wait(io.waitScope);
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
      Where where{chunk.getChunk().getId(), chunk.getLength(), {}};
      for (auto node : chunk.getReplicas()) where.nodes.push_back(node.getNode());
      all.push_back(std::move(where));
    }
    return all;
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
    auto volume = info.initVolumes(1)[0];
    volume.setPath("/v");
    volume.setCapacity(100_GiB);
    volume.setFree(100_GiB);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    datanode.node = reply.getNode();
    datanode.epoch = reply.getEpoch();
    if (!compare) return {};
    auto inventory = datanode.master.compareInventoryRequest();
    inventory.setNode(datanode.node);
    inventory.setEpoch(datanode.epoch);
    inventory.setLast(true);
    return faultOf(wait(inventory.send()));
  }
  FakeDatanode& addDatanode() {
    auto& datanode = *datanodes.emplace_back(std::make_unique<FakeDatanode>());
    EXPECT_OK(enroll(datanode, "127.0.0.1:" + std::to_string(9000 + datanodes.size())));
    return datanode;
  }

  TemporaryDirectory directory;
  kj::AsyncIoContext io = kj::setupAsyncIo();
  io::SystemClock clock;
  io::Random random{42};
  metrics::Registry metrics;
  kj::Own<rpc::Network> network = rpc::newSocketNetwork(io);
  async::ThreadWorkPool workers{"work", 1, 1000};
  async::ThreadWorkPool journal{"journal", 1, 1000};
  rpc::Host host{io.provider->getTimer(), clock, random, *network, workers, metrics};
  NamenodeOptions options;
  ClusterId cluster = random.uuid();
  ClientId client = random.uuid();
  kj::Own<NamenodeServer> server;
  kj::Own<rpc::ClientPool> pool;
  wire::Namenode::Client namenode = nullptr;
  std::vector<std::unique_ptr<FakeDatanode>> datanodes;
};

}  // namespace cairn::nn
