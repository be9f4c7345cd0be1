// Attributes and content summaries through the namenode's interface: what lasts, and what a
// repeated call does.
#include "tests/namenode/service/fixture.h"

namespace cairn::nn {
namespace {

class AttributesCallsTest : public NamenodeTest {
protected:
  void SetUp() override {
    options.config.safemodeThreshold = 0;  // changes go on at once after a restart
    NamenodeTest::SetUp();
  }
  Result<void> setXAttr(const std::string& path, const std::string& value,
                        std::uint64_t callId = 0) {
    auto request = namenode.setXAttrRequest();
    fill(request, callId);
    request.setPath(path);
    request.setCreate(true);
    auto xattr = request.initXattr();
    xattr.setName("user.x");
    xattr.setValue(rpc::toData(asBytes(value)));
    return faultOf(wait(request.send()));
  }
  Result<void> concat(const std::string& target, const std::string& source,
                      std::uint64_t callId = 0) {
    auto request = namenode.concatRequest();
    fill(request, callId);
    request.setTarget(target);
    request.initSources(1).set(0, source);
    return faultOf(wait(request.send()));
  }
  // "files directories length"
  Result<std::string> summary(const std::string& path) {
    auto request = namenode.contentSummaryRequest();
    fill(request);
    request.setPath(path);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    const auto is = reply.getSummary();
    return std::to_string(is.getFiles()) + " " + std::to_string(is.getDirectories()) + " " +
           std::to_string(is.getLength());
  }
};

class AccessTimesTest : public AttributesCallsTest {
protected:
  UnixMillis accessed(const std::string& path) {
    auto request = namenode.statRequest();
    fill(request);
    request.setPath(path);
    return wait(request.send()).getEntry().getAtime();
  }
  // Answers once all that was accepted before is on the disk.
  void settle() { ASSERT_OK(mkdirs("/settled" + std::to_string(++settled_))); }

private:
  int settled_ = 0;
};

// Protects readers: the time of access moves with a read when it is old, and the read does not wait
// until that is on the disk.
TEST_F(AccessTimesTest, AReadMovesItAndDoesNotWait) {
  addDatanode();
  ASSERT_OK(writeFile("/f", 10));
  const UnixMillis made = accessed("/f");
  EXPECT_EQ(made, clock.nowMs());
  clock.advanceMs(3'600'000);
  ASSERT_OK(locations("/f"));
  settle();
  EXPECT_EQ(accessed("/f"), made);
  clock.advanceMs(1);
  ASSERT_OK(locations("/f"));
  EXPECT_EQ(accessed("/f"), made);  // answered, and nothing is written yet
  EXPECT_TRUE(until([&]() { return accessed("/f") == made + 3'600'001; }));
  restart();
  EXPECT_EQ(accessed("/f"), made + 3'600'001);
}

// Protects times of access from those who do not read, from safe mode, and from an operator who
// wants none: reading goes on, the times stay.
TEST_F(AccessTimesTest, ItStaysWhereItIsNotToMove) {
  addDatanode();
  ASSERT_OK(writeFile("/f", 10));
  const UnixMillis made = accessed("/f");
  clock.advanceMs(7'200'000);
  auto look = namenode.getLocationsRequest();
  fill(look);
  look.setPath("/f");
  look.setLength(1);
  look.setKeepAccessTime(true);
  ASSERT_OK(faultOf(wait(look.send())));
  settle();
  EXPECT_EQ(accessed("/f"), made);

  ASSERT_OK(safeMode(wire::SafeModeAction::ENTER));
  ASSERT_OK(locations("/f"));
  ASSERT_OK(safeMode(wire::SafeModeAction::LEAVE));
  settle();
  EXPECT_EQ(accessed("/f"), made);

  options.config.accessTimePrecisionMs = 0;
  restart();
  ASSERT_OK(locations("/f"));
  settle();
  EXPECT_EQ(accessed("/f"), made);
}

// Protects a client whose answer was lost: a repeated call is told of success, not that the
// attribute exists, or the source is gone, by now; also over a restart.
TEST_F(AttributesCallsTest, ARepeatedCallAnswersAsTheFirst) {
  addDatanode();
  ASSERT_OK(writeFile("/t", 10));
  ASSERT_OK(writeFile("/s", 20));
  ASSERT_OK(setXAttr("/t", "v", 100));
  ASSERT_OK(concat("/t", "/s", 101));
  EXPECT_OK(setXAttr("/t", "v", 100));
  EXPECT_OK(concat("/t", "/s", 101));
  restart();
  EXPECT_OK(setXAttr("/t", "v", 100));
  EXPECT_OK(concat("/t", "/s", 101));
  EXPECT_CODE(Code::INVALID_ARGUMENT, setXAttr("/t", "v", 102));
  EXPECT_CODE(Code::NOT_FOUND, concat("/t", "/s", 103));
  EXPECT_EQ(summary("/").value(), "1 1 30");
}

// Protects the totals from crashes: they are as durable as what they count, and count a removed
// tree no more, reclaimed or not.
TEST_F(AttributesCallsTest, SummariesLast) {
  addDatanode();
  ASSERT_OK(mkdirs("/a/b/c"));
  ASSERT_OK(writeFile("/a/b/f", 10));
  ASSERT_OK(writeFile("/a/b/c/g", 100));
  EXPECT_EQ(summary("/a").value(), "2 3 110");
  crash();
  start();
  EXPECT_EQ(summary("/a").value(), "2 3 110");
  ASSERT_OK(mkdirs("/e"));
  ASSERT_OK(rename("/a/b", "/e/b"));
  EXPECT_EQ(summary("/a").value(), "0 1 0");
  EXPECT_EQ(summary("/e").value(), "2 3 110");
  ASSERT_OK(remove("/e/b/c"));
  EXPECT_EQ(summary("/e").value(), "1 2 10");
  EXPECT_TRUE(until([&]() { return report().getReport().getPendingReclaims() <= 1; }));
  EXPECT_EQ(summary("/e").value(), "1 2 10");
  EXPECT_EQ(summary("/").value(), "1 4 10");
  EXPECT_EQ(summary("/e/b/f").value(), "1 0 10");
}

// Protects df: bytes of datanodes that are there.
TEST_F(AttributesCallsTest, StatFsAddsUpLiveDatanodes) {
  const auto free = [&]() {
    auto request = namenode.statFsRequest();
    fill(request);
    auto reply = wait(request.send());
    EXPECT_OK(faultOf(reply));
    return std::pair(reply.getCapacity(), reply.getRemaining());
  };
  EXPECT_EQ(free(), std::pair(std::uint64_t{0}, std::uint64_t{0}));
  addDatanode();
  addDatanode();
  EXPECT_EQ(free(), std::pair(200_GiB, 200_GiB));
}

}  // namespace
}  // namespace cairn::nn
