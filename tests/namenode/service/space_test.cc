// A namenode whose disk fills up: it stops taking changes while it can still write, goes on serving
// reads, and takes changes again by itself when there is room.
#include "common/base/units.h"
#include "tests/namenode/service/fixture.h"

namespace cairn::nn {
namespace {

class Space : public NamenodeTest {
protected:
  std::string safeModeText(wire::SafeModeAction action = wire::SafeModeAction::GET) {
    auto request = namenode.safeModeRequest();
    fill(request);
    request.setAction(action);
    return wait(request.send()).getText().cStr();
  }
  void setFree(std::uint64_t bytes) {
    logDisk.setCapacity(io::MemoryDisk::UNLIMITED);
    const auto shown = logDisk.space().value();
    logDisk.setCapacity(shown.capacityBytes - shown.freeBytes + bytes);
  }
  bool low() { return safeModeText().find("namenode.reserved") != std::string::npos; }
};

TEST_F(Space, LittleOfItStopsChangesAndNothingElse) {
  ASSERT_OK(mkdirs("/before"));
  setFree(99_MiB);
  EXPECT_TRUE(until([&]() { return low(); }));
  EXPECT_NE(safeModeText().find("99.0 MiB"), std::string::npos) << safeModeText();
  EXPECT_CODE(Code::SAFE_MODE, mkdirs("/d"));
  EXPECT_OK(statId("/before"));
  // Datanodes come and go as before.
  EXPECT_OK(heartbeat(addDatanode()));
  // Not on and off around the limit.
  setFree(101_MiB);
  pass(5'000);
  EXPECT_TRUE(low());
  setFree(120_MiB);
  EXPECT_TRUE(until([&]() { return !low(); }));
  EXPECT_OK(mkdirs("/d"));
}

TEST_F(Space, AnOperatorsSafeModeIsNotEndedByRoom) {
  (void)safeModeText(wire::SafeModeAction::ENTER);
  setFree(1_MiB);
  EXPECT_TRUE(until([&]() { return low(); }));
  setFree(200_MiB);
  EXPECT_TRUE(until([&]() { return !low(); }));
  EXPECT_CODE(Code::SAFE_MODE, mkdirs("/d"));
  (void)safeModeText(wire::SafeModeAction::LEAVE);
  EXPECT_OK(mkdirs("/d"));
}

TEST_F(Space, AnOperatorCannotEndIt) {
  setFree(1_MiB);
  EXPECT_TRUE(until([&]() { return low(); }));
  auto request = namenode.safeModeRequest();
  fill(request);
  request.setAction(wire::SafeModeAction::LEAVE);
  EXPECT_CODE(Code::INVALID_ARGUMENT, faultOf(wait(request.send())));
  EXPECT_CODE(Code::SAFE_MODE, mkdirs("/d"));
}

TEST_F(Space, WithoutALimitNobodyLooks) {
  options.config.reservedBytes = 0;
  restart();
  setFree(1_MiB);
  pass(5'000);
  EXPECT_OK(mkdirs("/d"));
}

}  // namespace
}  // namespace cairn::nn
