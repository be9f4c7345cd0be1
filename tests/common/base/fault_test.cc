#include "common/base/fault.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "tests/testkit/results.h"

namespace cairn {
namespace {

using Kind = FaultAction::Kind;

class FaultTest : public ::testing::Test {
protected:
  ~FaultTest() override { disarmFaults(); }
};

// Production code must not notice fault points that nobody armed.
TEST_F(FaultTest, UnarmedPointDoesNothing) {
  EXPECT_FALSE(faultPoint("test.first"));
  EXPECT_EQ(Kind::NONE, faultPoint("test.first").kind());
  EXPECT_OK(faultError("test.first"));
  EXPECT_EQ(0u, faultHits("test.first"));
}

// An armed point acts on every hit, with the code asked for, and leaves other points alone.
TEST_F(FaultTest, ErrorOnEveryHit) {
  ASSERT_OK(armFaults("test.first=error:DISK_FULL"));
  for (int i = 0; i < 3; ++i) {
    const auto result = faultError("test.first");
    EXPECT_CODE(Code::DISK_FULL, result);
    EXPECT_MESSAGE("the fault point test.first is armed", result);
  }
  EXPECT_EQ(3u, faultHits("test.first"));
  EXPECT_OK(faultError("test.second"));
  disarmFaults();
  EXPECT_OK(faultError("test.first"));
}

// "@n" and "@n+" decide which hits act: crash tests walk a scenario hit by hit with them.
TEST_F(FaultTest, CountsHits) {
  ASSERT_OK(armFaults("test.first=error@2, test.second=error@2+"));
  std::string first, second;
  for (int i = 0; i < 4; ++i) {
    first += faultPoint("test.first") ? 'x' : '.';
    second += faultPoint("test.second") ? 'x' : '.';
  }
  EXPECT_EQ(".x..", first);
  EXPECT_EQ(".xxx", second);
}

// A delay is told to the caller, who waits by its own (perhaps virtual) timer; it is no error.
TEST_F(FaultTest, DelayIsReported) {
  ASSERT_OK(armFaults("test.first=delay:250"));
  const auto fault = faultPoint("test.first");
  EXPECT_FALSE(fault);
  EXPECT_EQ(Kind::DELAY, fault.kind());
  EXPECT_EQ(250u, fault.delayMs());
  EXPECT_OK(faultError("test.first"));
}

// A crash ends the process at once, with a code that tells it from a real crash, on the hit asked
// for and not before.
TEST_F(FaultTest, CrashEndsTheProcess) {
  EXPECT_EXIT(
      {
        ScopedFaults faults("test.first=crash@2");
        if (!faultPoint("test.first")) std::fputs("survived the first hit\n", stderr);
        (void)faultPoint("test.first");
      },
      ::testing::ExitedWithCode(FAULT_CRASH_EXIT_CODE),
      "survived the first hit\ncrash: fault point test.first");
}

// A typing error in CAIRN_FAULTS must not pass as a test without faults.
TEST_F(FaultTest, WrongPlansAreRefusedWhole) {
  EXPECT_MESSAGE(
      "fault plan item 'tset.first=error': there is no fault point 'tset.first'; did you mean "
      "'test.first'?",
      armFaults("test.second=error,tset.first=error"));
  EXPECT_OK(faultError("test.second"));  // nothing of a wrong plan is armed

  EXPECT_MESSAGE("fault plan item 'test.first': write it like dn.sync.before=error:IO_ERROR@2",
                 armFaults("test.first"));
  EXPECT_MESSAGE(
      "fault plan item 'test.first=explode': the action is error, error:CODE, crash or delay:MS",
      armFaults("test.first=explode"));
  EXPECT_MESSAGE("fault plan item 'test.first=error:NO_CODE': 'NO_CODE' is no error code",
                 armFaults("test.first=error:NO_CODE"));
  EXPECT_MESSAGE(
      "fault plan item 'test.first=error@0': after '@' stands the number of a hit, from 1, and "
      "perhaps a '+'",
      armFaults("test.first=error@0"));
  EXPECT_MESSAGE(
      "fault plan item 'test.first=delay:soon': a delay is a number of milliseconds, as in "
      "delay:500",
      armFaults("test.first=delay:soon"));
}

// The environment is what operators and cluster tests arm real daemons with.
TEST_F(FaultTest, EnvironmentArms) {
  ASSERT_EQ(0, setenv("CAIRN_FAULTS", "test.first=error", 1));
  EXPECT_OK(armFaultsFromEnvironment());
  EXPECT_CODE(Code::IO_ERROR, faultError("test.first"));
  ASSERT_EQ(0, setenv("CAIRN_FAULTS", "test.first=errr", 1));
  EXPECT_MESSAGE(
      "CAIRN_FAULTS: fault plan item 'test.first=errr': the action is error, error:CODE, crash or "
      "delay:MS",
      armFaultsFromEnvironment());
  ASSERT_EQ(0, unsetenv("CAIRN_FAULTS"));
}

// Two entries of one name would share hits and plans.
TEST_F(FaultTest, NamesAreUnique) {
  const std::set<std::string_view> names(std::begin(FAULT_NAMES), std::end(FAULT_NAMES));
  EXPECT_EQ(FAULT_COUNT, names.size());
}

}  // namespace
}  // namespace cairn
