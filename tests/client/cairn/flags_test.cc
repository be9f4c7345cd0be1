// The command lines of the binary itself. Protects: flags mean the settings that they say, mistakes
// are named.
#include <gtest/gtest.h>

#include "client/cairn/mini_options.h"
#include "client/cairn/own_flags.h"
#include "tests/testkit/results.h"

namespace cairn::app {
namespace {

TEST(OwnFlagsTest, StandForSettingsWhereverTheyAre) {
  ASSERT_VALUE(const auto taken, takeOwnFlags({"put", "--namenode", "nn:1", "a", "--user=eve",
                                               "--no-short-circuit", "/b"}));
  EXPECT_EQ(taken.rest, (std::vector<std::string>{"put", "a", "/b"}));
  ASSERT_EQ(taken.flags.size(), 3u);
  EXPECT_EQ(taken.flags[0].key, "client.namenode");
  EXPECT_EQ(taken.flags[0].value, "nn:1");
  EXPECT_EQ(taken.flags[0].spelled, "--namenode");
  EXPECT_EQ(taken.flags[1].value, "eve");
  EXPECT_EQ(taken.flags[2].key, "client.short_circuit");
  EXPECT_EQ(taken.flags[2].value, "false");
}

// A file may be named like a flag, behind "--".
TEST(OwnFlagsTest, StopAtTheDoubleDash) {
  ASSERT_VALUE(const auto taken, takeOwnFlags({"cat", "--", "--namenode"}));
  EXPECT_EQ(taken.rest, (std::vector<std::string>{"cat", "--", "--namenode"}));
  EXPECT_TRUE(taken.flags.empty());
}

TEST(OwnFlagsTest, AMissingValueIsNamed) {
  EXPECT_MESSAGE("flag --namenode needs a value", takeOwnFlags({"ls", "--namenode"}));
}

TEST(MiniOptionsTest, DefaultsAndValues) {
  ASSERT_VALUE(const auto usual, MiniOptions::parse({}));
  EXPECT_EQ(usual.datanodes, 3u);
  EXPECT_FALSE(usual.anyPorts);
  EXPECT_FALSE(usual.namenodePort);
  ASSERT_VALUE(const auto given,
               MiniOptions::parse({"--dir=/x", "--datanodes", "5", "--namenode-port", "9000"}));
  EXPECT_EQ(given.directory, "/x");
  EXPECT_EQ(given.datanodes, 5u);
  EXPECT_EQ(given.namenodePort, 9000);
}

TEST(MiniOptionsTest, MistakesNameTheFlag) {
  for (const auto& args : std::vector<std::vector<std::string>>{{"--datanodes", "65"},
                                                                {"--datanodes", "-1"},
                                                                {"--datanodes", "3x"},
                                                                {"--datanodes"},
                                                                {"--ports", "80"},
                                                                {"--namenode-port", "65535"},
                                                                {"--dir", ""},
                                                                {"--colour"}}) {
    const auto parsed = MiniOptions::parse(args);
    EXPECT_CODE(Code::INVALID_ARGUMENT, parsed);
    EXPECT_NE(testkit::messageOf(parsed).find(args[0]), std::string::npos)
        << testkit::messageOf(parsed);
  }
  EXPECT_CODE(Code::INVALID_ARGUMENT,
              MiniOptions::parse({"--ports", "auto", "--namenode-port", "1"}));
}

}  // namespace
}  // namespace cairn::app
