// Protects the capture of a task's output: bounded on disk, the last lines at hand, and the task
// never blocked by it.
#include "mapreduce/tasktracker/capped_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/client/fakes/pipe_network.h"
#include "tests/testkit/scratch.h"

namespace cairn::mr {
namespace {

class CappedLogTest : public ::testing::Test {
protected:
  ~CappedLogTest() noexcept override = default;

  // Everything that is written before the stream ends.
  void collect(CappedLog& log, const std::string& text) {
    auto pipe = kj::newOneWayPipe();
    auto collected = log.collect(kj::mv(pipe.in));
    auto out = kj::mv(pipe.out);
    auto written = out->write(text.data(), text.size()).attach(kj::mv(out));
    loop.wait(kj::mv(written));
    loop.wait(kj::mv(collected));
  }

  client::fakes::TestLoop loop;
  testkit::ScratchDir scratch;
};

// A short log is kept as it is.
TEST_F(CappedLogTest, AShortLogIsKeptWhole) {
  CappedLog log(loop.workPool, scratch / "log", 1000);
  collect(log, "one\ntwo\n");
  EXPECT_EQ("one\ntwo\n", testkit::readFile(scratch / "log"));
  EXPECT_EQ("one\ntwo\n", log.tail());
}

// The file keeps the beginning up to the limit and says so; the tail is the end, whole lines; the
// writer was taken everything off.
TEST_F(CappedLogTest, ALongLogIsCutInTheFileAndItsEndIsAtHand) {
  CappedLog log(loop.workPool, scratch / "log", 1000);
  std::string text;
  for (int i = 0; text.size() < 100'000; ++i) text += "line " + std::to_string(i) + "\n";
  collect(log, text);
  const auto kept = testkit::readFile(scratch / "log");
  EXPECT_EQ(text.substr(0, 1000), kept.substr(0, 1000));
  EXPECT_EQ("\n[cut here: the log may have 1000 bytes]\n", kept.substr(1000));
  EXPECT_EQ(text.size(), log.bytesSeen());
  const auto tail = log.tail();
  EXPECT_LE(tail.size(), LOG_TAIL_BYTES);
  EXPECT_GT(tail.size(), LOG_TAIL_BYTES / 2);
  EXPECT_EQ(0u, tail.find("line "));
  EXPECT_EQ(text.substr(text.size() - tail.size()), tail);
}

// A task that writes nothing leaves no file.
TEST_F(CappedLogTest, SilenceLeavesNoFile) {
  CappedLog log(loop.workPool, scratch / "log", 1000);
  auto pipe = kj::newOneWayPipe();
  auto collected = log.collect(kj::mv(pipe.in));
  pipe.out = nullptr;
  loop.wait(kj::mv(collected));
  EXPECT_EQ("", log.tail());
  EXPECT_NE(0, ::access((scratch / "log").c_str(), F_OK));
}

// A disk that cannot be written loses the log, not the task.
TEST_F(CappedLogTest, AnUnwritableFileDoesNotHoldUpTheTask) {
  CappedLog log(loop.workPool, scratch / "no/such/directory/log", 1000);
  collect(log, std::string(50'000, 'x') + "\nthe end\n");
  EXPECT_NE(std::string::npos, log.tail().find("the end"));
}

}  // namespace
}  // namespace cairn::mr
