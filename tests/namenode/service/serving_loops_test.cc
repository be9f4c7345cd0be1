// A namenode whose clients' connections live on several event loops. (The other tests of this
// folder run a second time with such loops.)
#include <algorithm>

#include "common/io/memory_disk.h"
#include "tests/namenode/service/fixture.h"

namespace cairn::nn {
namespace {

class ServingLoopsTest : public NamenodeTest {
protected:
  void SetUp() override {
    while (loops.size() < 2) addServingLoop();
    options.auditDisk = disk;
    NamenodeTest::SetUp();
  }
  // A connection of its own.
  struct Other {
    kj::Own<rpc::ClientPool> pool;
    wire::Namenode::Client namenode;
  };
  Other another() {
    auto own = kj::heap<rpc::ClientPool>(host, rpc::ClientHello{});
    auto client = connect(*own);
    return {kj::mv(own), kj::mv(client)};
  }
  bool sees(wire::Namenode::Client& through, const std::string& path) {
    auto request = through.statRequest();
    fill(request);
    request.setPath(path);
    return faultOf(wait(request.send())).has_value();
  }
  std::shared_ptr<io::MemoryDisk> disk = std::make_shared<io::MemoryDisk>();
};

// Protects that the loops are used at all, each for its share of the connections.
TEST_F(ServingLoopsTest, ConnectionsSpread) {
  std::vector<Other> clients;
  wait(namenode.pingRequest().send());
  for (int i = 0; i < 5; ++i) {
    clients.push_back(another());
    wait(clients.back().namenode.pingRequest().send());
  }
  EXPECT_EQ(loops[0]->adopted + loops[1]->adopted, 6);
  EXPECT_EQ(loops[0]->adopted, 3);
}

// Protects what a client was told: when it has the answer of a change, a read over any other
// connection, on whichever loop, sees it; many times, for the two go different ways.
TEST_F(ServingLoopsTest, AnAcknowledgedChangeIsSeenEverywhere) {
  auto other = another();
  for (int i = 0; i < 200; ++i) {
    const auto path = "/d" + std::to_string(i);
    ASSERT_OK(mkdirs(path));
    ASSERT_TRUE(sees(other.namenode, path)) << path;
    ASSERT_OK(rename(path, path + "x"));
    ASSERT_FALSE(sees(other.namenode, path)) << path;
  }
}

// Protects exactly-once over connections on different loops: a repetition gets the first answer.
TEST_F(ServingLoopsTest, ARepetitionOnAnotherLoopGetsTheFirstAnswer) {
  ASSERT_VALUE(const bool first, mkdirs("/once", 7));
  EXPECT_TRUE(first);
  auto other = another();
  auto request = other.namenode.mkdirsRequest();
  fill(request, 7);
  request.setPath("/once");
  request.setMode(0755);
  request.setCreateParents(true);
  auto reply = wait(request.send());
  ASSERT_OK(faultOf(reply));
  EXPECT_TRUE(reply.getCreated());
}

// Protects errors on their way between the loops: faults arrive as faults.
TEST_F(ServingLoopsTest, FaultsArrive) {
  EXPECT_CODE(Code::NOT_FOUND, rename("/missing", "/x"));
  EXPECT_CODE(Code::PERMISSION_DENIED, mkdirs("/x", 0, "alice"));
  EXPECT_CODE(Code::INVALID_PATH, mkdirs("relative"));
  EXPECT_CODE(Code::NOT_FOUND, names("/missing"));
}

// Protects a stop with calls under way: each is answered or breaks, none hangs, what was answered
// is there afterwards.
TEST_F(ServingLoopsTest, AStopEndsCallsUnderWay) {
  constexpr int CALLS = 200;
  std::vector<std::string> answered;
  kj::Vector<kj::Promise<void>> calls;
  for (int i = 0; i < CALLS; ++i) {
    const auto path = "/d" + std::to_string(i);
    auto request = namenode.mkdirsRequest();
    fill(request);
    request.setPath(path);
    request.setMode(0755);
    calls.add(request.send().then(
        [&answered, path](auto reply) {
          if (faultOf(reply).has_value()) answered.push_back(path);
        },
        [](kj::Exception&&) {}));
  }
  auto all = kj::joinPromises(calls.releaseAsArray());
  // Some of them are in the state loop's hands by then.
  wait(namenode.pingRequest().send());
  wait(server->stop());
  wait(kj::mv(all));
  datanodes.clear();
  namenode = nullptr;
  pool = nullptr;
  server = nullptr;
  start();
  for (const auto& path : answered) EXPECT_OK(statId(path));
}

// Protects a crash with calls under way: the loops let go of the tables, and the next life gets
// them.
TEST_F(ServingLoopsTest, ACrashWithCallsUnderWayLetsGo) {
  for (int life = 0; life < 5; ++life) {
    kj::Vector<kj::Promise<void>> calls;
    for (int i = 0; i < 50; ++i) {
      auto request = namenode.mkdirsRequest();
      fill(request);
      request.setPath("/c" + std::to_string(life) + "-" + std::to_string(i));
      request.setMode(0755);
      calls.add(request.send().ignoreResult().catch_([](kj::Exception&&) {}));
    }
    auto all = kj::joinPromises(calls.releaseAsArray());
    wait(namenode.pingRequest().send());
    server = nullptr;
    wait(kj::mv(all));
    crash();
    start();
  }
}

// Protects the audit log: what loops have answered stands there, too, after a stop at the latest.
TEST_F(ServingLoopsTest, ReadsHaveTheirAuditLines) {
  auto other = another();
  ASSERT_OK(mkdirs("/d"));
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(sees(other.namenode, "/d"));
    ASSERT_OK(statId("/d"));
  }
  stop();
  auto file = disk->open("namenode-audit.log", io::OpenMode::READ).value();
  std::string text(file->size().value(), '\0');
  ASSERT_OK(file->readAt(0, {reinterpret_cast<std::byte*>(text.data()), text.size()}));
  std::size_t lines = 0;
  for (auto at = text.find("cmd=getfileinfo"); at != std::string::npos;
       at = text.find("cmd=getfileinfo", at + 1)) {
    ++lines;
  }
  EXPECT_EQ(lines, 20U);
  EXPECT_NE(text.find("cmd=mkdirs\tsrc=/d"), std::string::npos);
}

}  // namespace
}  // namespace cairn::nn
