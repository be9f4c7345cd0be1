// Files that were closed, and were being appended to when their datanodes died: what was closed is
// never cut away by the recovery, whichever replica is damaged and whoever comes back first.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cairn/client.h"
#include "tests/testkit/daemons.h"
#include "tests/testkit/replica_files.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

constexpr std::size_t FRAME = 128 << 10;
const std::vector<std::string> NODES{"datanode1", "datanode2", "datanode3"};

class LostAppend : public ::testing::Test {
protected:
  explicit LostAppend(const std::string& deadMs)
      : cluster_({.jobs = false,
                  .namenodeSettings =
                      "datanode_stale_ms = 2000\ndatanode_dead_ms = " + deadMs + "\n"}) {}
  ~LostAppend() override {
    if (HasFailure()) ADD_FAILURE() << cluster_.lastWords();
  }

  Client connect() { return Client::connect({.namenode = cluster_.addressOf("namenode")}).value(); }
  // Closes a file of `closed`, and leaves it open with an append behind that, whose writer is dead.
  void append(const std::string& closed, const std::vector<std::string>& without = {}) {
    ASSERT_OK(connect().writeFile("/f", closed));
    for (const auto& name : without) cluster_.kill(name);
    if (!without.empty()) {
      ASSERT_TRUE(eventually([&]() {
        const auto report = connect().report();
        return report.has_value() &&
               std::ranges::count_if(report->datanodes, &DatanodeReport::live) == 1;
      }));
    }
    auto writer =
        std::make_unique<Process>(Launch{.command = {DOOMED_WRITER, cluster_.addressOf("namenode"),
                                                     "/f", "append", "hflush", "100000", "0"},
                                         .environment = {},
                                         .directory = cluster_.scratch().path(),
                                         .outputPath = cluster_.scratch() / "writer.out",
                                         .errorPath = cluster_.scratch() / "writer.err"});
    ASSERT_TRUE(writer->awaitLine("waiting").has_value()) << writer->errors();
    writer->kill();
  }
  std::string unfinishedOf(const std::string& name) {
    const auto files = replicaFiles(cluster_.directoryOf(name), "rbw");
    EXPECT_EQ(files.size(), 1U) << name;
    return files.size() == 1 ? files[0] : "";
  }
  bool recovered() { return connect().recoverLease("/f").value_or(false); }

  Daemons cluster_;
};

// Datanodes that are away are not given up for a long time.
class DamagedAppend : public LostAppend {
protected:
  DamagedAppend() : LostAppend("630000") {}
};

// Protects: one replica that was damaged while everybody was down takes nothing from the others,
// and its file is not cut either.
TEST_F(DamagedAppend, TheGoodReplicasDecide) {
  const auto closed = sampleNoise(20 * FRAME, 3);
  append(closed);
  for (const auto& name : NODES) cluster_.kill(name);
  flipBit(unfinishedOf("datanode1"), FRAME + FRAME / 2);
  for (const auto& name : NODES) cluster_.start(name);
  EXPECT_TRUE(eventually([&]() { return recovered(); }));
  const auto read = connect().readFile("/f");
  ASSERT_OK(read);
  EXPECT_TRUE(read->starts_with(closed)) << read->size();
  EXPECT_EQ(cluster_.cairn({"fsck", "/f"}).code, 0);
}

// Protects: the damaged one alone does not make the file short: it stays open, is named by fsck and
// does not read as if it were whole, until one of the others is back.
TEST_F(DamagedAppend, TheDamagedReplicaAloneIsNotBelieved) {
  const auto closed = sampleNoise(20 * FRAME, 3);
  append(closed);
  for (const auto& name : NODES) cluster_.kill(name);
  const auto damaged = unfinishedOf("datanode1");
  flipBit(damaged, FRAME + FRAME / 2);
  const auto size = std::filesystem::file_size(damaged);
  cluster_.start("datanode1");
  // Longer than any recovery waits: each attempt fails.
  const auto log = [&]() { return cluster_.process("datanode1").errors(); };
  EXPECT_TRUE(eventually([&]() {
    EXPECT_FALSE(recovered());
    return log().find("failed: ") != std::string::npos;
  })) << log();
  EXPECT_EQ(std::filesystem::file_size(damaged), size);
  EXPECT_FALSE(connect().readFile("/f").has_value());
  const auto fsck = cluster_.cairn({"fsck", "/"});
  EXPECT_EQ(fsck.code, 1) << fsck.out;
  EXPECT_NE(fsck.out.find("/f  2621440 bytes, OPENFORWRITE: UNREADABLE: "), std::string::npos)
      << fsck.out;
  EXPECT_NE(fsck.out.find("cairn rm"), std::string::npos) << fsck.out;
  cluster_.start("datanode2");
  EXPECT_TRUE(eventually([&]() { return recovered(); }));
  const auto read = connect().readFile("/f");
  ASSERT_OK(read);
  EXPECT_TRUE(read->starts_with(closed)) << read->size();
  EXPECT_EQ(cluster_.cairn({"fsck", "/"}).code, 0);
}

class AppendOnOneNode : public LostAppend {
protected:
  AppendOnOneNode() : LostAppend("5000") {}
};

// Protects: an append that lives on one datanode takes no closed byte with it when that dies for
// good. It is read before the recovery, and after.
TEST_F(AppendOnOneNode, CopiesFromBeforeStandIn) {
  const auto closed = sampleNoise(20 * FRAME, 3);
  append(closed, {"datanode2", "datanode3"});
  cluster_.kill("datanode1");
  cluster_.start("datanode2");
  cluster_.start("datanode3");
  EXPECT_TRUE(eventually([&]() { return connect().readFile("/f").value_or("") == closed; }))
      << messageOf(connect().readFile("/f"));
  EXPECT_TRUE(connect().stat("/f").value().underConstruction);
  EXPECT_TRUE(eventually([&]() { return recovered(); }));
  EXPECT_TRUE(connect().readFile("/f").value_or("") == closed);
  EXPECT_EQ(cluster_.cairn({"fsck", "/"}).code, 0);
  // Back after all, it has an old replica, which goes.
  cluster_.start("datanode1");
  EXPECT_TRUE(
      eventually([&]() { return replicaFiles(cluster_.directoryOf("datanode1"), "rbw").empty(); }));
  EXPECT_TRUE(connect().readFile("/f").value_or("") == closed);
}

}  // namespace
}  // namespace cairn::testkit
