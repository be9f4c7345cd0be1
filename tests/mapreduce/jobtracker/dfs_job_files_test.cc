// Protects what the job tracker does in the file system, against a real namenode: the output
// appears in one step, an existing one is never touched, and every call may be repeated after a
// crash.
#include "mapreduce/jobtracker/dfs_job_files.h"

#include "client/core/file_system.h"
#include "tests/namenode/service/fixture.h"
#include "tests/testkit/results.h"

namespace cairn::mr {
namespace {

constexpr JobId JOB{1000, 1};
constexpr AttemptId ATTEMPT{{JOB, TaskKind::REDUCE, 0}, 0};

class DfsJobFilesTest : public ::testing::Test {
protected:
  DfsJobFilesTest() {
    namenode.begin();
    client::Options options;
    options.namenode = namenode.server->address();
    options.user = "root";
    files = std::make_unique<client::FileSystem>(namenode.host, options);
    jobFiles = std::make_unique<DfsJobFiles>(namenode.host, options);
    spec.set_user("root");
    spec.add_inputs("/in");
    spec.set_output("/deep/er/out");
    spec.set_reduces(1);
  }
  ~DfsJobFilesTest() noexcept override {
    jobFiles = nullptr;
    files = nullptr;
    namenode.stop();
  }

  template <typename T>
  T wait(kj::Promise<T> promise) {
    return promise.wait(namenode.io.waitScope);
  }
  // An empty file needs no datanode.
  void touch(const std::string& path) {
    auto writer = wait(files->create(path));
    ASSERT_OK(writer);
    ASSERT_OK(wait((*writer)->close()));
  }
  bool exists(const std::string& path) {
    auto entry = wait(files->stat(path));
    if (!entry.has_value()) EXPECT_CODE(Code::NOT_FOUND, entry);
    return entry.has_value();
  }

  nn::TestNamenode namenode;
  std::unique_ptr<client::FileSystem> files;
  std::unique_ptr<DfsJobFiles> jobFiles;
  record::JobSpec spec;
};

// Each step twice, as after a crash that lost its record: the result is the same, and only the last
// step makes the output visible, whole.
TEST_F(DfsJobFilesTest, EveryStepMayBeRepeated) {
  ASSERT_OK(wait(jobFiles->prepare(spec, JOB)));
  touch(attemptDirectory(spec.output(), ATTEMPT) + "/part-r-00000");
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK(wait(jobFiles->promote(spec, ATTEMPT, {"part-r-00000"})));
  }
  EXPECT_FALSE(exists(attemptDirectory(spec.output(), ATTEMPT) + "/part-r-00000"));
  ASSERT_VALUE(const auto directory, wait(jobFiles->seal(spec, JOB)));
  ASSERT_VALUE(const auto again, wait(jobFiles->seal(spec, JOB)));
  EXPECT_EQ(directory, again);
  EXPECT_FALSE(exists(spec.output()));
  for (int i = 0; i < 2; ++i) ASSERT_OK(wait(jobFiles->publish(spec, JOB, directory)));
  EXPECT_TRUE(exists(spec.output() + "/part-r-00000"));
  EXPECT_TRUE(exists(spec.output() + "/_SUCCESS"));
  for (int i = 0; i < 2; ++i) ASSERT_OK(wait(jobFiles->cleanUp(spec, JOB)));
  ASSERT_VALUE(const auto page, wait(files->list("/deep/er")));
  ASSERT_EQ(1u, page.entries.size());
  EXPECT_EQ("out", page.entries[0].name);
}

// A second promotion of the task (after a revoked one that had moved a file) replaces what is
// there; an attempt that never wrote its file cannot be promoted.
TEST_F(DfsJobFilesTest, PromotionNeedsTheFileAndReplacesLeftovers) {
  ASSERT_OK(wait(jobFiles->prepare(spec, JOB)));
  EXPECT_CODE(Code::NOT_FOUND, wait(jobFiles->promote(spec, ATTEMPT, {"part-r-00000"})));
  touch(workDirectory(spec.output(), JOB) + "/output/part-r-00000");
  const AttemptId second{ATTEMPT.task, 1};
  touch(attemptDirectory(spec.output(), second) + "/part-r-00000");
  EXPECT_OK(wait(jobFiles->promote(spec, second, {"part-r-00000"})));
}

// An output that exists is refused at the beginning, and at the end when somebody was faster; it
// stays as it was.
TEST_F(DfsJobFilesTest, AnExistingOutputIsLeftAlone) {
  touch(spec.output() + "/mine");
  EXPECT_CODE(Code::ALREADY_EXISTS, wait(jobFiles->prepare(spec, JOB)));
  ASSERT_OK(wait(files->rename(spec.output(), "/aside")));
  ASSERT_OK(wait(jobFiles->prepare(spec, JOB)));
  ASSERT_VALUE(const auto directory, wait(jobFiles->seal(spec, JOB)));
  ASSERT_OK(wait(files->rename("/aside", spec.output())));
  EXPECT_CODE(Code::ALREADY_EXISTS, wait(jobFiles->publish(spec, JOB, directory)));
  EXPECT_TRUE(exists(spec.output() + "/mine"));
  EXPECT_FALSE(exists(spec.output() + "/_SUCCESS"));
}

// Inputs: a file, a directory without its hidden children; empty files make no split, missing ones
// are named in Hadoop's words.
TEST_F(DfsJobFilesTest, InputsAreFilesAndDirectories) {
  touch("/in/empty");
  touch("/in/_hidden");
  ASSERT_VALUE(const auto plan, wait(jobFiles->plan(spec)));
  EXPECT_TRUE(plan.splits.empty());
  spec.set_inputs(0, "/in/empty");
  EXPECT_OK(wait(jobFiles->plan(spec)));
  spec.set_inputs(0, "/missing");
  EXPECT_MESSAGE("Input path does not exist: /missing", wait(jobFiles->plan(spec)));
  ASSERT_OK(wait(files->mkdirs("/in/directory")));
  spec.set_inputs(0, "/in");
  EXPECT_MESSAGE("Not a file: /in/directory", wait(jobFiles->plan(spec)));
}

}  // namespace
}  // namespace cairn::mr
