// `cairn mini` as a user meets it: it keeps data, it stops in order, it refuses what is not its
// own.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "tests/testkit/mini.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

// Protects: what was acknowledged is there after the whole cluster was killed at once.
TEST(MiniTest, DataSurvivesKillMinusNine) {
  Mini mini;
  ASSERT_TRUE(mini.serving());
  const auto text = sampleText(3 << 20);
  writeFile(mini.scratch() / "text", text);
  ASSERT_EQ(mini.cairn({"put", mini.scratch() / "text", "/text"}).code, 0);
  for (int round = 0; round < 2; ++round) {
    mini.kill();
    mini.start();
    ASSERT_TRUE(mini.serving());
    const auto read = mini.cairn({"cat", "/text"});
    EXPECT_EQ(read.code, 0) << read.err;
    EXPECT_TRUE(read.out == text) << "other bytes came back";
  }
}

// Protects: SIGTERM and SIGINT end it with exit code 0, and the next start finds the data.
TEST(MiniTest, StopsInOrderAtBothSignals) {
  Mini mini;
  ASSERT_TRUE(mini.serving());
  ASSERT_EQ(mini.cairn({"mkdir", "/kept"}).code, 0);
  EXPECT_EQ(mini.stop(), 0) << mini.process().errors();
  mini.start();
  ASSERT_TRUE(mini.serving());
  EXPECT_EQ(mini.cairn({"ls", "/kept"}).code, 0);
  mini.process().signal(SIGINT);
  EXPECT_EQ(mini.process().wait(), 0);
}

// Protects: two clusters never share a directory.
TEST(MiniTest, ADirectoryInUseIsRefused) {
  Mini mini;
  ASSERT_TRUE(mini.serving());
  const auto second = mini.cairn({"mini", "--dir", mini.directory(), "--ports", "auto"});
  EXPECT_EQ(second.code, 1);
  EXPECT_NE(second.err.find("runs in " + mini.directory() + " already"), std::string::npos)
      << second.err;
}

// Protects: somebody's files are never taken for an empty directory.
TEST(MiniTest, ADirectoryWithOtherThingsInItIsRefused) {
  ScratchDir scratch;
  writeFile(scratch / "thesis.tex", "years of work");
  const auto outcome = run({cairnBinary(), "mini", "--dir", scratch.path(), "--ports", "auto"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("thesis.tex"), std::string::npos) << outcome.err;
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path()), {}), 1);
}

// Protects: a taken port is said, with the port and what to do.
TEST(MiniTest, ATakenPortIsAClearError) {
  Mini mini;
  ASSERT_TRUE(mini.serving());
  const auto port = mini.namenode().substr(mini.namenode().rfind(':') + 1);
  ScratchDir scratch;
  const auto second = run({cairnBinary(), "mini", "--dir", scratch / "c", "--namenode-port", port});
  EXPECT_EQ(second.code, 1);
  EXPECT_NE(second.err.find(port), std::string::npos) << second.err;
  EXPECT_NE(second.err.find("--ports auto"), std::string::npos) << second.err;
}

// Protects: wrong flags are usage errors that name the flag.
TEST(MiniTest, WrongFlagsAreUsageErrors) {
  for (const std::vector<std::string>& flags :
       std::vector<std::vector<std::string>>{{"--datanodes", "0"},
                                             {"--datanodes", "many"},
                                             {"--colour"},
                                             {"--ports", "8020"},
                                             {"--dir"}}) {
    auto command = flags;
    command.insert(command.begin(), {cairnBinary(), "mini"});
    const auto outcome = run(command);
    EXPECT_EQ(outcome.code, 2) << flags[0];
    EXPECT_NE(outcome.err.find(flags[0]), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace cairn::testkit
