#include "tests/sim/sim_host.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <array>
#include <memory>
#include <string>

#include "common/rpc/acceptor.h"
#include "common/rpc/client_pool.h"
#include "namenode/meta/overlay.h"
#include "namenode/meta/store.h"
#include "tests/testkit/results.h"

namespace cairn::sim {
namespace {

nn::StoreOptions storeOptions(SimHost& host) {
  return {.directory = "/meta",
          .env = &host.env(),
          .logDisk = &host.diskBelow("groups"),
          .blockCacheBytes = 1_MiB,
          .backgroundWork = false};
}

void commit(nn::Store& store, const std::string& key) {
  nn::Overlay changes;
  changes.put(nn::Table::GC, key, "value", false);
  ASSERT_OK(store.commit(changes, {.txid = TxId(store.openedAt().txid() + 1), .timeMs = 0}));
}

bool has(nn::Store& store, const std::string& key) {
  std::string value;
  return store.latest().get(nn::Table::GC, key, value).value();
}

// The namenode's promise rests on this: a group that was committed is there after a power failure,
// unless the disk lies, and no thread of RocksDB's own makes a run unrepeatable.
TEST(SimHost, ItsDatabaseKeepsExactlyWhatWasSynced) {
  const auto run = [](bool ignoreSyncs) {
    SimWorld world(9);
    SimHost host(world, 1, "namenode");
    EXPECT_OK(host.durable().makeDirs("groups"));
    EXPECT_OK(host.durable().syncDir(""));
    host.boot();
    EXPECT_OK(nn::Store::format(storeOptions(host), {.cluster = Uuid::fromHighLow(1, 2),
                                                     .name = "sim",
                                                     .superuser = "root",
                                                     .supergroup = "root"}));
    bool kept = true;
    for (std::uint64_t life = 0; life < 3; ++life) {
      auto store = nn::Store::open(storeOptions(host));
      EXPECT_OK(store);
      if (!store.has_value()) return world.trace.hash();
      if (life > 0) {
        kept = kept && has(**store, "row" + std::to_string(life - 1));
      }
      host.ignoreSyncs(ignoreSyncs);
      commit(**store, "row" + std::to_string(life));
      EXPECT_TRUE(has(**store, "row" + std::to_string(life)));
      host.failPower(io::CrashLoss::ALL_UNSYNCED);
      *store = nullptr;
      host.endLife();
      host.ignoreSyncs(false);
      host.boot();
    }
    EXPECT_NE(kept, ignoreSyncs);
    host.endLife();
    return world.trace.hash();
  };
  EXPECT_EQ(run(false), run(false));
  run(true);
}

// Runs with volumes that fail prove something only if the daemon meets a broken disk, the rest of
// the machine does not, and everything is there again afterwards.
TEST(SimHost, APartOfItsDiskFailsAndIsMended) {
  using Kind = FailedPart::Kind;
  for (const auto kind : {Kind::DEAD, Kind::READ_ONLY, Kind::UNMOUNTED}) {
    SimWorld world(1);
    SimHost host(world, 1, "host");
    for (const auto* volume : {"v0", "v01"}) EXPECT_OK(host.durable().makeDirs(volume));
    EXPECT_OK(host.durable().syncDir(""));
    host.boot();
    auto& disk = host.diskBelow("v0");
    auto& other = host.diskBelow("v01");
    auto file = disk.open("file", io::OpenMode::CREATE);
    ASSERT_OK(file);
    EXPECT_OK((*file)->append(asBytes("bytes")));

    host.failPart("v0", kind);
    EXPECT_CODE(Code::IO_ERROR, (*file)->append(asBytes("more")));
    std::array<std::byte, 5> read{};
    EXPECT_EQ((*file)->readAt(0, read).has_value(), kind == Kind::READ_ONLY);
    EXPECT_EQ(disk.statIfExists("file").has_value(), kind != Kind::DEAD);
    if (kind == Kind::UNMOUNTED) {
      EXPECT_EQ(disk.statIfExists("file").value(), std::nullopt);
      EXPECT_OK(disk.open("another", io::OpenMode::CREATE));
    } else {
      EXPECT_CODE(Code::IO_ERROR, disk.open("another", io::OpenMode::CREATE));
    }
    EXPECT_OK(other.open("file", io::OpenMode::CREATE));
    EXPECT_TRUE(host.disk().sick());

    host.mendPart();
    EXPECT_OK((*file)->append(asBytes("more")));
    EXPECT_EQ((*file)->size().value(), 9U);
    EXPECT_EQ(disk.statIfExists("another").value(), std::nullopt);
    host.endLife();
  }
}

// A crash in the middle of a write, not only between two events, is where recovery code fails.
TEST(SimHost, LosesPowerBetweenAnyTwoCallsOfItsDisk) {
  SimWorld world(1);
  SimHost host(world, 1, "host");
  host.boot();
  int failures = 0;
  host.failPowerAfter(3, io::CrashLoss::ALL_UNSYNCED, [&]() { ++failures; });
  ASSERT_VALUE(auto file, host.disk().open("a", io::OpenMode::CREATE));
  EXPECT_OK(file->append(asBytes("x")));
  EXPECT_FALSE(file->sync().has_value());
  EXPECT_FALSE(host.disk().makeDirs("b").has_value());
  EXPECT_EQ(failures, 1);
  EXPECT_TRUE(host.powerFailed());
  file = nullptr;
  host.endLife();
  host.boot();
  EXPECT_FALSE(host.disk().exists("a").value());
}

// The real RPC layer, unchanged, over the simulated network: connects, notices that the server's
// host died, and connects again to its next life.
TEST(SimHost, CarriesTheRealRpcLayer) {
  SimWorld world(2);
  SimHost serverHost(world, 1, "server");
  SimHost clientHost(world, 2, "client");
  clientHost.boot();
  rpc::ClientPool pool(clientHost.host(), rpc::ClientHello{.process = Uuid::fromHighLow(1, 1)});
  const auto get = [&]() {
    return world.time.wait(pool.get("127.0.0.1:8020"), 1 * kj::MINUTES, "connecting");
  };
  EXPECT_CODE(Code::UNAVAILABLE, get());
  for (int life = 0; life < 2; ++life) {
    serverHost.boot();
    rpc::Acceptor acceptor(
        serverHost.host(), "server", {}, []() { return rpc::Identity{}; },
        [](rpc::PeerInfo) -> Result<capnp::Capability::Client> {
          return capnp::Capability::Client(nullptr);
        });
    ASSERT_OK(world.time.wait(acceptor.listen("127.0.0.1:8020"), 1 * kj::SECONDS, "listening"));
    EXPECT_OK(get());
    EXPECT_EQ(acceptor.connections(), 1u);
    serverHost.failPower(io::CrashLoss::NOTHING);
    acceptor.close();
    serverHost.endLife();
    world.time.runFor(2 * kj::MINUTES);
    EXPECT_CODE(Code::UNAVAILABLE, get());
  }
}

}  // namespace
}  // namespace cairn::sim
