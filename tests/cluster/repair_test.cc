// Replicas that are lost are made anew, by datanodes that are real and die at it: kill -9 of one
// that holds copies, of one that makes them, and of the namenode that has ordered them.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/testkit/daemons.h"
#include "tests/testkit/replica_files.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

constexpr int FILES = 12;

// A datanode counts as dead after 3 s of silence.
DaemonsOptions optionsFor(int datanodes) {
  return {.datanodes = datanodes,
          .jobs = false,
          .settings = "[fs]\nchunk_size = \"256KiB\"\n",
          .namenodeSettings = "datanode_stale_ms = 1500\ndatanode_dead_ms = 3000\n"};
}

class RepairTest : public ::testing::Test {
protected:
  // A few chunks each.
  static std::string contentOf(int file) {
    return sampleText(600'000 + 1000 * static_cast<std::size_t>(file),
                      static_cast<unsigned>(file + 1));
  }
  static std::string pathOf(int file) { return "/f" + std::to_string(file); }
  static void putAll(Daemons& cluster) {
    for (int file = 0; file < FILES; ++file) {
      writeFile(cluster.scratch() / "whole", contentOf(file));
      const auto put = cluster.cairn({"put", cluster.scratch() / "whole", pathOf(file)});
      ASSERT_EQ(put.code, 0) << put.err;
    }
  }
  static void expectAll(Daemons& cluster) {
    for (int file = 0; file < FILES; ++file) {
      const auto read = cluster.cairn({"cat", pathOf(file)}, {"CAIRN_CLIENT_SHORT_CIRCUIT=false"});
      EXPECT_EQ(read.code, 0) << read.err;
      EXPECT_TRUE(read.out == contentOf(file)) << "other bytes came back of " << pathOf(file);
    }
  }
  // Every chunk has this many replicas within a minute, by the namenode's word.
  static bool allHave(Daemons& cluster, int replicas) {
    std::string last;
    const std::string wanted = "replicas " + std::to_string(replicas) + " ";
    for (int i = 0; i < 120; ++i) {
      last = cluster.cairn({"fsck", "/", "--chunks", "--locations"}).out;
      std::size_t right = 0;
      std::size_t all = 0;
      for (std::size_t at = 0; (at = last.find("replicas ", at)) != std::string::npos; ++at) {
        if (last.find("  on ", at) == std::string::npos) continue;
        ++all;
        if (last.compare(at, wanted.size(), wanted) == 0) ++right;
      }
      if (all >= FILES && right == all) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
    ADD_FAILURE() << last << cluster.lastWords();
    return false;
  }
  // On the disks of the first `datanodes`.
  static std::size_t finalReplicas(Daemons& cluster, int datanodes) {
    std::size_t all = 0;
    for (int i = 1; i <= datanodes; ++i) {
      all += replicaFiles(cluster.directoryOf("datanode" + std::to_string(i)), "final").size();
    }
    return all;
  }
};

// Protects redundancy: what a dead datanode held is copied from the others, whatever dies at it;
// and when all are back there are neither too few nor too many, on the disks as well.
TEST_F(RepairTest, WhatADeadDatanodeHeldIsMadeAnew) {
  Daemons cluster(optionsFor(5));
  putAll(cluster);
  ASSERT_TRUE(allHave(cluster, 3));
  const auto before = finalReplicas(cluster, 5);
  cluster.kill("datanode1");
  // And while the copies are made, one that makes them, and the namenode.
  std::this_thread::sleep_for(std::chrono::milliseconds(3800));
  cluster.kill("datanode2");
  cluster.kill("namenode");
  cluster.start("namenode");
  ASSERT_TRUE(allHave(cluster, 3));
  expectAll(cluster);
  cluster.start("datanode1");
  cluster.start("datanode2");
  ASSERT_TRUE(allHave(cluster, 3));
  expectAll(cluster);
  std::size_t after = 0;
  for (int i = 0; i < 60 && after != before; ++i) {
    after = finalReplicas(cluster, 5);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  EXPECT_EQ(after, before) << "replicas on disks";
}

// Protects setrep -w, both ways, and that it ends.
TEST_F(RepairTest, SetrepWaitsUntilItIsSo) {
  Daemons cluster(optionsFor(4));
  putAll(cluster);
  for (const int replicas : {1, 4, 2, 3}) {
    const auto set = cluster.cairn({"setrep", "-w", std::to_string(replicas), "/"});
    ASSERT_EQ(set.code, 0) << set.err;
    ASSERT_TRUE(allHave(cluster, replicas));
    expectAll(cluster);
  }
}

// Protects against a copy that is half made: its datanode dies at each step of it, and what it left
// is no replica.
TEST_F(RepairTest, ACopyThatIsCutShortIsNone) {
  Daemons cluster(optionsFor(4));
  putAll(cluster);
  for (int round = 0; round < 4; ++round) {
    const auto up = cluster.cairn({"setrep", "4", "/"});
    ASSERT_EQ(up.code, 0) << up.err;
    std::this_thread::sleep_for(std::chrono::milliseconds(200 + 120 * round));
    for (const char* const name : {"datanode1", "datanode2", "datanode3", "datanode4"}) {
      cluster.kill(name);
    }
    for (const char* const name : {"datanode1", "datanode2", "datanode3", "datanode4"}) {
      cluster.start(name);
    }
    ASSERT_TRUE(allHave(cluster, 4));
    const auto down = cluster.cairn({"setrep", "-w", "3", "/"});
    ASSERT_EQ(down.code, 0) << down.err;
  }
  expectAll(cluster);
}

}  // namespace
}  // namespace cairn::testkit
