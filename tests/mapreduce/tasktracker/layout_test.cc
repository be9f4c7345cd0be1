// Protects a task tracker's directory: its name survives, a task cannot make the tracker move or
// hand out a file that is not its own, and an earlier life leaves map outputs and nothing else.
#include "mapreduce/tasktracker/layout.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "tests/testkit/results.h"
#include "tests/testkit/scratch.h"

namespace cairn::mr {
namespace {

const AttemptId ATTEMPT{{{1000, 1}, TaskKind::MAP, 3}, 0};

class LayoutTest : public ::testing::Test {
protected:
  testkit::ScratchDir scratch;
  Layout layout{scratch / "tracker"};
};

// The uuid is made once: a restarted tracker is the same one to the job tracker.
TEST_F(LayoutTest, TheUuidIsMadeOnce) {
  ASSERT_VALUE(const auto first, openTrackerDirectory(layout, Uuid::fromHighLow(1, 2)));
  ASSERT_VALUE(const auto second, openTrackerDirectory(layout, Uuid::fromHighLow(3, 4)));
  EXPECT_EQ(Uuid::fromHighLow(1, 2), first);
  EXPECT_EQ(first, second);
  testkit::writeFile(layout.directory() + "/uuid", "nonsense\n");
  EXPECT_CODE(Code::CORRUPT, openTrackerDirectory(layout, Uuid::fromHighLow(3, 4)));
}

// A map output must be a plain file inside the attempt's own directory, as long as its segments.
TEST_F(LayoutTest, OnlyAnOwnPlainFileBecomesAMapOutput) {
  ASSERT_OK(makeAttemptDirectories(layout, ATTEMPT, 0, 0));
  const auto mine = layout.scratch(ATTEMPT) + "/output";
  testkit::writeFile(mine, "12345678");
  testkit::writeFile(scratch / "secret", "secret");
  EXPECT_CODE(Code::INVALID_ARGUMENT, keepMapOutput(layout, ATTEMPT, scratch / "secret", 1));
  EXPECT_CODE(
      Code::INVALID_ARGUMENT,
      keepMapOutput(layout, ATTEMPT, layout.scratch(ATTEMPT) + "/../../../../../secret", 1));
  const auto link = layout.scratch(ATTEMPT) + "/link";
  ASSERT_EQ(0, ::symlink((scratch / "secret").c_str(), link.c_str()));
  EXPECT_CODE(Code::INVALID_ARGUMENT, keepMapOutput(layout, ATTEMPT, link, 1));
  EXPECT_CODE(Code::INVALID_ARGUMENT, keepMapOutput(layout, ATTEMPT, mine, 9));
  ASSERT_VALUE(const auto length, keepMapOutput(layout, ATTEMPT, mine, 8));
  EXPECT_EQ(8u, length);
  EXPECT_EQ("12345678", testkit::readFile(layout.output(ATTEMPT)));
}

// After a restart finished outputs are there, scratch directories are not, and strangers are
// ignored.
TEST_F(LayoutTest, AnEarlierLifeLeavesItsOutputsOnly) {
  ASSERT_OK(openTrackerDirectory(layout, Uuid::fromHighLow(1, 2)));
  ASSERT_OK(makeAttemptDirectories(layout, ATTEMPT, 0, 0));
  testkit::writeFile(layout.scratch(ATTEMPT) + "/spill", "x");
  testkit::writeFile(layout.output(ATTEMPT), "123");
  testkit::writeFile(layout.outputs(ATTEMPT.task.job) + "/stranger", "x");
  const JobId withoutOutputs{ATTEMPT.task.job.trackerStartMs, ATTEMPT.task.job.sequence + 1};
  ASSERT_OK(makeAttemptDirectories(layout, {{withoutOutputs, TaskKind::REDUCE, 0}, 0}, 0, 0));
  ASSERT_VALUE(const auto left, tidyAndList(layout));
  ASSERT_EQ(1u, left.outputs.size());
  EXPECT_EQ(ATTEMPT, left.outputs[0].attempt);
  EXPECT_EQ(3u, left.outputs[0].lengthBytes);
  EXPECT_EQ((std::set{ATTEMPT.task.job, withoutOutputs}),
            std::set(left.jobs.begin(), left.jobs.end()));
  EXPECT_FALSE(std::filesystem::exists(layout.scratch(ATTEMPT)));
}

// A repeated attempt finds an empty directory, closed to others.
TEST_F(LayoutTest, AnAttemptsDirectoryIsFreshAndItsOwn) {
  ASSERT_OK(makeAttemptDirectories(layout, ATTEMPT, 0, 0));
  testkit::writeFile(layout.scratch(ATTEMPT) + "/old", "x");
  ASSERT_OK(makeAttemptDirectories(layout, ATTEMPT, 0, 0));
  EXPECT_FALSE(std::filesystem::exists(layout.scratch(ATTEMPT) + "/old"));
  EXPECT_EQ(std::filesystem::perms::owner_all,
            std::filesystem::status(layout.scratch(ATTEMPT)).permissions());
}

// Logs of old jobs go, the newest stay.
TEST_F(LayoutTest, LogsOfTheNewestJobsAreKept) {
  for (std::uint32_t n = 1; n <= LOGGED_JOBS_MAX + 3; ++n) {
    std::filesystem::create_directories(layout.logs(AttemptId{{{1000, n}, TaskKind::MAP, 0}, 0}));
  }
  pruneLogs(layout);
  EXPECT_FALSE(std::filesystem::exists(layout.logs() + "/" + JobId{1000, 3}.toString()));
  EXPECT_TRUE(std::filesystem::exists(layout.logs() + "/" + JobId{1000, 4}.toString()));
}

}  // namespace
}  // namespace cairn::mr
