#include "mapreduce/task/job_options.h"

#include <gtest/gtest.h>

#include "tests/testkit/results.h"

namespace cairn::mr {
namespace {

Result<JobOptions> parse(std::vector<std::string> args, JobSettings settings = {}) {
  return parseJobOptions(std::move(settings), args);
}

// The grammar that people know from Hadoop's examples.
TEST(JobOptionsTest, PathsAndFlags) {
  ASSERT_VALUE(const auto options,
               parse({"--local", "-D", "a.b=c=d", "-Dx=", "/in1", "--reduces=3", "/in2", "/out",
                      "--namenode", "nn:1", "--jobtracker=jt:2"}));
  EXPECT_TRUE(options.local);
  EXPECT_EQ((std::vector<std::string>{"/in1", "/in2"}), options.settings.inputs);
  EXPECT_EQ("/out", options.settings.output);
  EXPECT_EQ(3u, options.settings.reduces);
  EXPECT_EQ("c=d", options.settings.conf.get("a.b", ""));
  EXPECT_EQ("", options.settings.conf.get("x", "?"));
  EXPECT_EQ("nn:1", options.cluster.namenode);
  EXPECT_EQ("jt:2", options.cluster.jobtracker);
}

// Hadoop's keys for what has a flag of its own mean the same.
TEST(JobOptionsTest, HadoopsKeys) {
  ASSERT_VALUE(const auto options,
               parse({"-Dmapreduce.job.reduces=5", "-Dmapreduce.job.name=mine", "i", "o"}));
  EXPECT_EQ(5u, options.settings.reduces);
  EXPECT_EQ("mine", options.settings.name);
  EXPECT_CODE(Code::INVALID_ARGUMENT, parse({"-Dmapreduce.job.reduces=x", "i", "o"}));
}

// Wrong usage is found before anything happens, and the message helps.
TEST(JobOptionsTest, WrongUsage) {
  for (const auto& args : std::vector<std::vector<std::string>>{{},
                                                                {"only-one"},
                                                                {"--reduces", "i", "o"},
                                                                {"i", "o", "--reduces"},
                                                                {"-D", "x", "i", "o"},
                                                                {"--reduces=-1", "i", "o"},
                                                                {"--reduces=10001", "i", "o"},
                                                                {"--local=yes", "i", "o"}}) {
    EXPECT_CODE(Code::INVALID_ARGUMENT, parse(args));
  }
  EXPECT_MESSAGE("unknown option --reduce; did you mean '--reduces'?",
                 parse({"--reduce", "2", "i", "o"}));
}

// What the program fixed itself need not be said, and names after -- are paths.
TEST(JobOptionsTest, PresetPathsAndDashes) {
  JobSettings preset;
  preset.inputs = {"/in"};
  preset.output = "/out";
  ASSERT_VALUE(const auto none, parse({}, preset));
  EXPECT_EQ("/out", none.settings.output);
  ASSERT_VALUE(const auto dashes, parse({"--", "-in", "-out"}));
  EXPECT_EQ("-out", dashes.settings.output);
  ASSERT_VALUE(const auto help, parse({"--help"}));
  EXPECT_TRUE(help.help);
}

}  // namespace
}  // namespace cairn::mr
