// A namenode whose directory is older than what its datanodes know of: it takes no change and
// destroys nothing until an operator says so, and then hands out no id a second time.
#include <algorithm>

#include "tests/namenode/service/fixture.h"

namespace cairn::nn {
namespace {

using Action = wire::SafeModeAction;

class OlderDirectory : public NamenodeTest {
protected:
  Result<std::string> safeMode(Action action, const std::string& user = "root") {
    auto request = namenode.safeModeRequest();
    fill(request, 0, user);
    request.setAction(action);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    return std::string(reply.getText().cStr());
  }
  void expectOlder(const std::string& sign) {
    ASSERT_VALUE(const auto text, safeMode(Action::GET));
    EXPECT_NE(text.find("older"), std::string::npos) << text;
    EXPECT_NE(text.find(sign), std::string::npos) << text;
    EXPECT_CODE(Code::SAFE_MODE, mkdirs("/d"));
    EXPECT_CODE(Code::SAFE_MODE, create("/new"));
    const auto left = safeMode(Action::LEAVE);
    EXPECT_CODE(Code::INVALID_ARGUMENT, left);
    EXPECT_NE(testkit::messageOf(left).find("--force"), std::string::npos);
    EXPECT_FALSE(server->ready().has_value());
  }
  FakeDatanode& again(const FakeDatanode& before) {
    auto& back = *datanodes.emplace_back(std::make_unique<FakeDatanode>());
    back.uuid = before.uuid;
    back.heardEpoch = before.epoch;
    back.heardGroup = before.group;
    EXPECT_OK(enroll(back, "127.0.0.1:9001", false));
    return back;
  }
};

// Protects the newer file whose chunk it is: the id would be handed out again, and readers would
// get either file's bytes.
TEST_F(OlderDirectory, AnIdThatWasNeverHandedOutStopsChanges) {
  auto& datanode = addDatanode();
  ASSERT_VALUE(const auto kept, writeFile("/kept", 10));
  ASSERT_VALUE(const auto removed, writeFile("/removed", 10));
  ASSERT_OK(remove("/removed"));
  Placed ahead = kept;
  ahead.chunk += 16ULL * 1'000'000;
  ASSERT_OK(heartbeat(datanode, {{ahead, 5}}));
  expectOlder("chunk " + std::to_string(ahead.chunk));
  EXPECT_OK(locations("/kept"));
  // What was removed may have been made anew since.
  for (int i = 0; i < 100; ++i) {
    ASSERT_VALUE(const auto orders, heartbeat(datanode));
    EXPECT_TRUE(orders.empty());
    pass(250);
  }
  // A restart does not help, whatever the datanodes say then.
  restart();
  expectOlder("chunk " + std::to_string(ahead.chunk));

  EXPECT_CODE(Code::PERMISSION_DENIED, safeMode(Action::FORCE_LEAVE, "alice"));
  const Epoch before = server->epoch();
  auto& back = addDatanode();
  ASSERT_VALUE(const auto text, safeMode(Action::FORCE_LEAVE));
  EXPECT_EQ(text, "");
  EXPECT_GT(server->epoch(), before);
  // Whoever has followed the older one has to compare what it holds.
  ASSERT_VALUE(const auto orders, heartbeat(back));
  EXPECT_EQ(orders, std::vector<std::uint64_t>{0});
  ASSERT_OK(enroll(back, "127.0.0.1:9002"));
  ASSERT_VALUE(const auto fresh, writeFile("/fresh", 10));
  EXPECT_GT(fresh.chunk, ahead.chunk);
  restart();
  auto& later = addDatanode();
  ASSERT_OK(heartbeat(later, {{ahead, 5}}));
  ASSERT_VALUE(const auto after, safeMode(Action::GET));
  EXPECT_EQ(after.find("older"), std::string::npos) << after;
}

TEST_F(OlderDirectory, AGenerationThatWasNeverHandedOutStopsChanges) {
  auto& datanode = addDatanode();
  ASSERT_VALUE(auto chunk, writeFile("/f", 10));
  restart();
  chunk.generation += 1'000'000;
  auto& back = again(datanode);
  ASSERT_VALUE(const auto unequal, compare(back, {{chunk, 10}}));
  ASSERT_EQ(unequal.size(), 1U);
  ASSERT_OK(reportRange(back, unequal[0], {{chunk, 10}}));
  expectOlder("generation " + std::to_string(chunk.generation));
  ASSERT_OK(safeMode(Action::FORCE_LEAVE));
  ASSERT_OK(enroll(back, "127.0.0.1:9001"));
  ASSERT_VALUE(const auto fresh, writeFile("/fresh", 10));
  EXPECT_GT(fresh.generation, chunk.generation);
}

// Protects files that were written since a backup, whose ids are none that stick out: they lie in
// the batch that the backup has reserved. The datanode knows of a group that the backup has not.
TEST_F(OlderDirectory, AGroupThatWasNeverThereStopsChanges) {
  auto& datanode = addDatanode();
  ASSERT_VALUE(const auto kept, writeFile("/kept", 10));
  Placed newer = kept;
  newer.chunk += 16;
  ASSERT_OK(heartbeat(datanode));
  EXPECT_GT(datanode.group, 1U);
  FakeDatanode known;
  known.uuid = datanode.uuid;
  known.group = datanode.group + 100'000;
  restart();
  known.epoch = server->epoch().value;
  auto& back = again(known);
  expectOlder("group of changes " + std::to_string(known.group));
  ASSERT_VALUE(const auto unequal, compare(back, {{kept, 10}, {newer, 10}}));
  for (const auto range : unequal) {
    ASSERT_OK(reportRange(back, range, {{kept, 10}, {newer, 10}}));
  }
  for (int i = 0; i < 20; ++i) {
    ASSERT_VALUE(const auto orders, heartbeat(back));
    EXPECT_TRUE(orders.empty());
    pass(250);
  }
  ASSERT_OK(safeMode(Action::FORCE_LEAVE));
  // What others heard from the older lives is given up with it.
  FakeDatanode other;
  other.heardEpoch = known.epoch;
  other.heardGroup = known.group;
  ASSERT_OK(enroll(other, "127.0.0.1:9009"));
  EXPECT_OK(mkdirs("/d"));
  // But not what they hear of the new one.
  other.heardEpoch = server->epoch().value;
  ASSERT_OK(enroll(other, "127.0.0.1:9009"));
  expectOlder("group of changes");
}

TEST_F(OlderDirectory, AnEpochThatWasNeverThereStopsChanges) {
  addDatanode();
  FakeDatanode other;
  other.heardEpoch = server->epoch().value + 7;
  EXPECT_CODE(Code::STALE, enroll(other, "127.0.0.1:9009"));
  expectOlder("epoch " + std::to_string(other.heardEpoch));
  ASSERT_OK(safeMode(Action::FORCE_LEAVE));
  EXPECT_GT(server->epoch().value, other.heardEpoch);
  EXPECT_OK(enroll(other, "127.0.0.1:9009"));
  EXPECT_OK(mkdirs("/d"));
}

// Protects readers from the bytes of a file that nobody knows any more: a datanode that was
// refused, and so has told of no chunk, has one of just the id that would come next.
TEST_F(OlderDirectory, IdsThatNobodyHasToldOfAreNotHandedOutAgain) {
  auto& datanode = addDatanode();
  ASSERT_VALUE(auto lost, writeFile("/f", 10));
  lost.chunk += 16;
  FakeDatanode refused;
  refused.heardEpoch = server->epoch().value + 7;
  EXPECT_CODE(Code::STALE, enroll(refused, "127.0.0.1:9009"));
  ASSERT_OK(safeMode(Action::FORCE_LEAVE));
  ASSERT_OK(enroll(datanode, "127.0.0.1:9001"));
  ASSERT_VALUE(const auto fresh, writeFile("/fresh", 10));
  EXPECT_GT(fresh.chunk, lost.chunk + 16ULL * 1'000'000);
  EXPECT_GT(fresh.generation, lost.generation + 1'000'000);
}

// Protects the signs from a datanode that says what cannot be.
TEST_F(OlderDirectory, AnEpochThatNobodyGetsToIsRefused) {
  addDatanode();
  FakeDatanode other;
  other.heardEpoch = ~0ULL;
  EXPECT_CODE(Code::INVALID_ARGUMENT, enroll(other, "127.0.0.1:9009"));
  EXPECT_OK(mkdirs("/d"));
}

// Protects an ordinary restart from being taken for a backup: whatever a datanode was told or given
// before a crash is durable, chunks that nobody finished included.
TEST_F(OlderDirectory, ACrashIsNoSign) {
  auto& datanode = addDatanode();
  std::vector<Replica> inventory;
  for (int i = 0; i < 20; ++i) {
    ASSERT_VALUE(const auto file, create("/" + std::to_string(i)));
    ASSERT_VALUE(const auto chunk, addChunk(file));
    ASSERT_OK(heartbeat(datanode, {{chunk, 10, wire::ReplicaState::RBW}}));
    inventory.push_back({chunk, 10, wire::ReplicaState::RBW});
  }
  FakeDatanode known;
  known.uuid = datanode.uuid;
  known.epoch = datanode.epoch;
  known.group = datanode.group;
  crash();
  start();
  auto& back = again(known);
  ASSERT_OK(compare(back, {}));
  ASSERT_OK(heartbeat(back, inventory));
  ASSERT_VALUE(const auto text, safeMode(Action::GET));
  EXPECT_EQ(text.find("older"), std::string::npos) << text;
  EXPECT_OK(mkdirs("/d"));
}

// Protects the ids from a file that somebody has named by hand.
TEST_F(OlderDirectory, NumbersThatNobodyCountsToAreNoSign) {
  auto& datanode = addDatanode();
  ASSERT_VALUE(auto chunk, writeFile("/f", 10));
  chunk.chunk = 1ULL << 62;
  ASSERT_OK(heartbeat(datanode, {{chunk, 5}}));
  chunk.chunk = (1ULL << 40) + 1;
  chunk.generation = ~0ULL;
  ASSERT_OK(heartbeat(datanode, {{chunk, 5}}));
  EXPECT_OK(mkdirs("/d"));
}

}  // namespace
}  // namespace cairn::nn
