// Exactly-once calls, failed writes, permissions: what every changing call passes through.
#include <latch>

#include "common/base/fault.h"
#include "tests/namenode/service/fixture.h"

namespace cairn::nn {
namespace {

using CallsTest = NamenodeTest;

// Protects a client whose answer was lost: the repeated call gets the first answer, with the same
// file, and does not fail because the file exists by now; also over a restart.
TEST_F(CallsTest, ARepeatedCreateAnswersAsTheFirst) {
  ASSERT_VALUE(const auto file, create("/f", 7));
  ASSERT_VALUE(const auto again, create("/f", 7));
  EXPECT_EQ(again, file);
  EXPECT_CODE(Code::LEASE_CONFLICT, create("/f", 8));
  restart();
  ASSERT_VALUE(const auto afterRestart, create("/f", 7));
  EXPECT_EQ(afterRestart, file);
}

// Protects against a repetition that comes while the first is still on its way to the disk.
TEST_F(CallsTest, ARepetitionJoinsTheCallInFlight) {
  const auto send = [&]() {
    auto request = namenode.mkdirsRequest();
    fill(request, 5);
    request.setPath("/d");
    request.setMode(0755);
    return request.send();
  };
  auto first = send();
  auto second = send();
  EXPECT_TRUE(wait(kj::mv(second)).getCreated());
  EXPECT_TRUE(wait(kj::mv(first)).getCreated());
}

// Protects a client whose connection breaks between the change and its answer: the change stands,
// and the repeated call is told of it.
TEST_F(CallsTest, AnAnswerThatIsLostIsGivenAgain) {
  auto request = namenode.mkdirsRequest();
  fill(request, 4);
  request.setPath("/d");
  request.setMode(0755);
  {
    const ScopedFaults faults("nn.reply.before_send=error@1");
    const auto lost = wait(rpc::caught(request.send().ignoreResult(), "mkdirs"));
    EXPECT_CODE(Code::UNAVAILABLE, lost);
  }
  ASSERT_VALUE(const bool created, mkdirs("/d", 4));
  EXPECT_TRUE(created);
  ASSERT_VALUE(const bool again, mkdirs("/d", 5));
  EXPECT_FALSE(again);
}

// Protects other users' answers: the same client id and number of another principal is another
// call.
TEST_F(CallsTest, ARecordBelongsToItsPrincipal) {
  ASSERT_OK(mkdirs("/d", 3));
  EXPECT_CODE(Code::PERMISSION_DENIED, mkdirs("/e", 3, "mallory"));
}

// Protects against reuse of a number for something else, a bug in a client.
TEST_F(CallsTest, ANumberUsedForAnotherMethodIsRefused) {
  ASSERT_OK(mkdirs("/d", 3));
  EXPECT_CODE(Code::INVALID_ARGUMENT, remove("/d", true, "root", 3));
  EXPECT_OK(statId("/d"));
}

// Protects the table of records from growing without bound: what the client's mark has passed goes,
// and a call below the mark is refused rather than done twice.
TEST_F(CallsTest, RecordsBelowTheMarkGo) {
  ASSERT_OK(mkdirs("/d1", 1));
  auto request = namenode.mkdirsRequest();
  fill(request, 2);
  request.getCall().setLowestOpenCall(2);
  request.setPath("/d2");
  request.setMode(0755);
  ASSERT_OK(faultOf(wait(request.send())));
  EXPECT_CODE(Code::CALL_EXPIRED, mkdirs("/d3", 1));
}

// Protects the promise that nothing is acknowledged before it is durable: when the log cannot be
// written, nobody is told of success, everything is refused with the reason, and the daemon is told
// to end. After a restart the lost change is not there.
TEST_F(CallsTest, AFailedWritePoisonsTheNamenode) {
  ASSERT_OK(mkdirs("/kept"));
  auto fatal = server->onFatal();
  {
    const ScopedFaults faults("nn.commit.before_write=error:DISK_FULL");
    const auto lost = mkdirs("/lost");
    EXPECT_CODE(Code::UNAVAILABLE, lost);
    EXPECT_NE(testkit::messageOf(lost).find("could not be written"), std::string::npos);
  }
  EXPECT_CODE(Code::UNAVAILABLE, mkdirs("/more"));
  EXPECT_CODE(Code::UNAVAILABLE, statId("/kept"));
  EXPECT_EQ(wait(kj::mv(fatal)).code(), Code::UNAVAILABLE);
  restart();
  EXPECT_OK(statId("/kept"));
  EXPECT_CODE(Code::NOT_FOUND, statId("/lost"));
}

// Protects many calls at once: they share groups, and each gets its own answer.
TEST_F(CallsTest, CallsInFlightShareGroups) {
  constexpr int CALLS = 64;
  std::vector<kj::Promise<void>> calls;
  int made = 0;
  for (int i = 0; i < CALLS; ++i) {
    auto request = namenode.mkdirsRequest();
    fill(request, static_cast<std::uint64_t>(i) + 1);
    request.setPath("/d" + std::to_string(i));
    request.setMode(0755);
    calls.push_back(request.send().then([&](auto&& reply) { made += reply.getCreated(); }));
  }
  wait(kj::joinPromises(kj::heapArray<kj::Promise<void>>(
      std::make_move_iterator(calls.data()), std::make_move_iterator(calls.data() + CALLS))));
  EXPECT_EQ(made, CALLS);
  const auto& groups =
      metrics.counter("cairn_namenode_groups_total", "Groups of changes made durable");
  EXPECT_LE(groups.value(), CALLS / 4U);
}

// Protects HDFS's rights, with HDFS's words: the shell prints them.
TEST_F(CallsTest, RightsAreChecked) {
  ASSERT_OK(mkdirs("/users"));
  const auto denied = mkdirs("/users/x", 0, "alice");
  EXPECT_MESSAGE(
      "Permission denied: user=alice, access=WRITE, inode=\"/users\":root:supergroup:drwxr-xr-x",
      denied);
  EXPECT_OK(statId("/users", "alice"));
  EXPECT_CODE(Code::INVALID_ARGUMENT, statId("/users", ""));
}

// Protects `rm -r` of users other than the superuser: every non-empty directory below must allow
// it.
TEST_F(CallsTest, RemovingATreeNeedsRightsBelow) {
  ASSERT_OK(mkdirs("/t"));
  auto open = namenode.mkdirsRequest();
  fill(open);
  open.setPath("/t/open");
  open.setMode(0777);
  ASSERT_OK(faultOf(wait(open.send())));
  ASSERT_OK(mkdirs("/t/open/mine/inner", 0, "alice"));
  ASSERT_OK(mkdirs("/t/open/roots/inner"));
  ASSERT_VALUE(const bool removed, remove("/t/open/mine", true, "alice"));
  EXPECT_TRUE(removed);
  EXPECT_CODE(Code::PERMISSION_DENIED, remove("/t/open/roots", true, "alice"));
  EXPECT_OK(statId("/t/open/roots/inner"));
}

// Protects everybody else from one user whose groups take long to find: others are served
// meanwhile.
TEST_F(CallsTest, ASlowLookUpOfGroupsHoldsUpItsUserAlone) {
  stop();
  std::latch slow(1);
  options.groupsOf = [&](const std::string& user) {
    if (user == "slow") slow.wait();
    return std::vector<std::string>();
  };
  start();
  ASSERT_OK(statId("/"));
  auto request = namenode.statRequest();
  fill(request, 0, "slow");
  request.setPath("/");
  auto answer = request.send();
  for (int i = 0; i < 10; ++i) ASSERT_OK(statId("/"));
  EXPECT_FALSE(answer.poll(io.waitScope));
  slow.count_down();
  EXPECT_OK(faultOf(wait(kj::mv(answer))));
}

}  // namespace
}  // namespace cairn::nn
