// Protects: a copy whose source somebody removes meanwhile fails, leaves nothing behind and says
// which file is gone.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/testkit/daemons.h"
#include "tests/testkit/replica_files.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

class RemovedSourceTest : public ::testing::Test {
protected:
  // Begins the command on /source and removes that before any of its bytes is read.
  Outcome copyWhileRemoved(std::vector<std::string> words, const std::string& temporary) {
    EXPECT_EQ(cluster.cairn({"put", "-f", cluster.scratch() / "in", "/source"}).err, "");
    cluster.process("datanode1").freeze();
    auto copy = cluster.begin(std::move(words), "copy", {"CAIRN_CLIENT_SHORT_CIRCUIT=false"});
    EXPECT_TRUE(eventually([&]() {
      return std::filesystem::exists(temporary) ||
             cluster.cairn({"test", "-e", temporary}).code == 0;
    })) << copy->errors();
    copy->freeze();
    cluster.process("datanode1").thaw();
    EXPECT_EQ(cluster.cairn({"rm", "/source"}).err, "");
    EXPECT_TRUE(eventually(
        [&]() { return replicaFiles(cluster.directoryOf("datanode1"), "final").empty(); }));
    copy->thaw();
    Outcome outcome;
    outcome.code = copy->wait().value_or(-1);
    outcome.err = copy->errors();
    return outcome;
  }

  Daemons cluster{{.datanodes = 1,
                   .jobs = false,
                   .settings = "[fs]\nreplication = 1\nchunk_size = \"1MiB\"\n"}};
};

// The file that is at fault is named: the source, and not the target, which nobody has touched.
TEST_F(RemovedSourceTest, IsNamedByWhatCopiesIt) {
  // More than what is read ahead.
  writeFile(cluster.scratch() / "in", sampleNoise(64 << 20));
  const auto cp = copyWhileRemoved({"cp", "/source", "/target"}, "/target._COPYING_");
  EXPECT_EQ(cp.code, 1);
  EXPECT_EQ(cp.err, "cairn: cp: /source: no such file or directory\n");
  const auto fsCp = copyWhileRemoved({"fs", "-cp", "/source", "/target"}, "/target._COPYING_");
  EXPECT_EQ(fsCp.code, 1);
  EXPECT_EQ(fsCp.err, "cp: `/source': No such file or directory\n");
  const auto out = cluster.scratch() / "out";
  const auto get = copyWhileRemoved({"get", "/source", out}, out + "._COPYING_");
  EXPECT_EQ(get.code, 1);
  EXPECT_EQ(get.err, "cairn: get: /source: no such file or directory\n");
  const auto merged = copyWhileRemoved({"getmerge", "/source", out}, out + "._COPYING_");
  EXPECT_EQ(merged.code, 1);
  EXPECT_EQ(merged.err, "cairn: getmerge: /source: no such file or directory\n");
  EXPECT_FALSE(std::filesystem::exists(out));
  EXPECT_EQ(cluster.cairn({"ls", "/"}).out, "") << "nothing is left behind";
}

}  // namespace
}  // namespace cairn::testkit
