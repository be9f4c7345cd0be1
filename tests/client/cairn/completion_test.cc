// Protects: Tab offers what can stand there and nothing else: a local file is not mistaken for one
// of the cluster, and every flag of the help is known.
#include <gtest/gtest.h>

#include "client/cairn/commands.h"
#include "client/cairn/completion_rules.h"

namespace cairn::app {
namespace {

using Words = std::vector<std::string>;

Completion completed(const Words& words) { return completionOf(words, allCommands()); }
Words candidates(const Words& words) { return completed(words).candidates; }
bool remote(const Words& words) { return completed(words).remotePath; }

TEST(Completion, CommandsAndFlags) {
  EXPECT_EQ(candidates({"getm"}), (Words{"getmerge"}));
  EXPECT_EQ(candidates({"__"}), (Words{})) << "hidden";
  EXPECT_EQ(candidates({"help", "getm"}), (Words{"getmerge"}));
  EXPECT_EQ(candidates({"put", "--rep"}), (Words{"--replication"}));
  EXPECT_EQ(candidates({"fs", "-touch"}), (Words{"-touch", "-touchz"}));
  EXPECT_EQ(candidates({"fs", "-getmerge", "-s"}), (Words{"-skip-empty-file"}));
  EXPECT_EQ(candidates({"fs", "-conf", "x.xml", "-touch"}), (Words{"-touch", "-touchz"}));
  EXPECT_EQ(candidates({"fs", "-co"}),
            (Words{"-concat", "-copyFromLocal", "-copyToLocal", "-count", "-conf"}));
  EXPECT_EQ(candidates({"fs", "-conf", "-co"}), (Words{}));
  EXPECT_EQ(candidates({"admin", "r"}), (Words{"recover-lease", "report"}));
  EXPECT_EQ(candidates({"admin", "storage-policy", "s"}), (Words{"set"}));
  EXPECT_EQ(candidates({"admin", "storage-policy", "set", "/a", "W"}), (Words{"WARM"}));
  EXPECT_EQ(candidates({"setcodec", ""}), (Words{"inherit", "none", "zstd"}));
  EXPECT_EQ(candidates({"completion", ""}), (Words{"bash", "zsh"}));
  EXPECT_EQ(candidates({"nosuch", "--x"}), (Words{}));
}

TEST(Completion, PathsWhereTheyAreOfTheCluster) {
  EXPECT_TRUE(remote({"ls", "/a"}));
  EXPECT_TRUE(remote({"ls", "-l", "/a", "/b"}));
  EXPECT_FALSE(remote({"put", "/a"}));
  EXPECT_TRUE(remote({"put", "-f", "/a", "/b"}));
  EXPECT_TRUE(remote({"get", "/a"}));
  EXPECT_FALSE(remote({"get", "/a", "/b"}));
  EXPECT_FALSE(remote({"chmod", "6"}));
  EXPECT_TRUE(remote({"chmod", "644", "/a"}));
  EXPECT_FALSE(remote({"setcodec", "z"}));
  EXPECT_TRUE(remote({"setcodec", "zstd", "/a"}));
  EXPECT_TRUE(remote({"admin", "recover-lease", "/a"}));
  EXPECT_FALSE(remote({"admin", "storage-policy", "list", "/a"}));
  EXPECT_TRUE(remote({"admin", "storage-policy", "set", "/a"}));
  EXPECT_TRUE(remote({"fs", "-cat", "/a"}));
  EXPECT_FALSE(remote({"fs", "-put", "/a"}));
  EXPECT_TRUE(remote({"fs", "-put", "-f", "/a", ""}));
  EXPECT_TRUE(remote({"fs", "-D", "a=b", "-conf", "x.xml", "-fs", "hdfs://h", "-cat", "/a"}));
  EXPECT_FALSE(remote({"fs", "-Da=b", "-put", "/a"}));
  EXPECT_FALSE(remote({"fs", "-conf", "/a"})) << "a local file";
  EXPECT_FALSE(remote({"mini", "/a"}));
}

TEST(Completion, FlagsAreReadFromTheHelp) {
  EXPECT_EQ(
      flagsIn("Usage: x\n\n  -f, --force      text -n\n  --chunk-size SIZE  more\n  -1 x\nend"),
      (Words{"-f", "--force", "--chunk-size", "-1"}));
}

}  // namespace
}  // namespace cairn::app
