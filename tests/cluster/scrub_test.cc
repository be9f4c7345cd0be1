// Replicas that rot on a disk while nobody reads them: their datanode finds them by itself, and
// they are made anew from the good copies, before those can rot as well.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/testkit/daemons.h"
#include "tests/testkit/replica_files.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

constexpr int DATANODES = 3;

// A pass takes two seconds.
class ScrubTest : public ::testing::Test {
protected:
  ~ScrubTest() override {
    if (HasFailure()) ADD_FAILURE() << cluster.lastWords();
  }

  using Files = std::map<std::string, std::vector<std::string>>;  // their bytes, by chunk

  // Of all datanodes, in that state.
  Files filesIn(const std::string& state) {
    Files files;
    for (int i = 1; i <= DATANODES; ++i) {
      const auto directory = cluster.directoryOf("datanode" + std::to_string(i));
      for (const auto& path : replicaFiles(directory, state)) {
        const auto name = std::filesystem::path(path).filename().string();
        std::error_code gone;
        if (std::filesystem::exists(path, gone)) {
          files[name.substr(0, name.find('-'))].push_back(readFile(path));
        }
      }
    }
    return files;
  }
  std::string firstFileOf(const std::string& chunk) {
    for (int i = 1; i <= DATANODES; ++i) {
      const auto directory = cluster.directoryOf("datanode" + std::to_string(i));
      for (const auto& path : replicaFiles(directory, "final")) {
        if (std::filesystem::path(path).filename().string().starts_with(chunk)) return path;
      }
    }
    return "";
  }
  void expectReads(const std::string& content) {
    for (const char* const shortCircuit : {"true", "false"}) {
      const auto read = cluster.cairn({"cat", "/file"},
                                      {std::string("CAIRN_CLIENT_SHORT_CIRCUIT=") + shortCircuit});
      EXPECT_EQ(read.code, 0) << read.err;
      EXPECT_TRUE(read.out == content) << "other bytes came back";
    }
  }

  // Whether each chunk has two copies whose frames are what they were, and no more.
  bool allGood(const Files& before) {
    const auto now = filesIn("final");
    return std::ranges::all_of(before, [&](const auto& chunk) {
      const auto files = now.find(chunk.first);
      return files != now.end() &&
             std::ranges::count_if(files->second, [&](const std::string& bytes) {
               return framesOf(bytes) == framesOf(chunk.second.at(0));
             }) == 2;
    });
  }
  // A copy's header need not be the original's.
  static std::string framesOf(const std::string& file) {
    constexpr std::size_t HEADER = 64;  // common/format/FORMAT.md
    return file.substr(std::min(HEADER, file.size()));
  }
  std::size_t filesOf(const std::string& state) {
    std::size_t count = 0;
    for (const auto& [chunk, files] : filesIn(state)) count += files.size();
    return count;
  }
  // A file of four chunks, with two copies each. What is on the disks then.
  Files put(const std::string& content) {
    writeFile(cluster.scratch() / "whole", content);
    const auto put = cluster.cairn({"put", cluster.scratch() / "whole", "/file"});
    EXPECT_EQ(put.code, 0) << put.err;
    EXPECT_TRUE(eventually([&]() { return filesOf("final") == 8U; }));
    return filesIn("final");
  }
  // One copy of each chunk, each in another way; one is removed.
  void damage(const Files& files) {
    int kind = 0;
    for (const auto& [chunk, copies] : files) {
      ASSERT_TRUE(copies.at(0) == copies.at(1));
      const auto path = firstFileOf(chunk);
      switch (kind++) {
        case 0: flipBit(path, copies[0].size() / 2); break;
        case 1: flipBit(path, copies[0].size() - 20); break;
        case 2: std::filesystem::resize_file(path, copies[0].size() - 1000); break;
        default: std::filesystem::remove(path); break;
      }
    }
    ASSERT_FALSE(allGood(files));
  }

  Daemons cluster{{.datanodes = DATANODES,
                   .jobs = false,
                   .settings = "[fs]\nreplication = 2\nchunk_size = \"256KiB\"\n",
                   .datanodeSettings = "scrub_period_ms = 2000\n"}};
};

// Protects files from rot that adds up: without a reader all copies are whole again, and what was
// damaged is not destroyed.
TEST_F(ScrubTest, DamageThatNobodyReadsIsFoundAndMadeGood) {
  const auto content = sampleText(1'000'000);
  const auto before = put(content);
  damage(before);
  EXPECT_TRUE(eventually([&]() { return allGood(before); }));
  // Three of the eight were damaged and are here still, one was removed.
  EXPECT_EQ(filesOf("final") + filesOf("quarantine"), 11U);
  expectReads(content);
}

// Protects readers meanwhile: they get the bytes that were written, or wait for them.
TEST_F(ScrubTest, ReadersGetTheRightBytesAllTheWhile) {
  const auto content = sampleText(1'000'000, 2);
  const auto before = put(content);
  damage(before);
  EXPECT_TRUE(eventually([&]() {
    expectReads(content);
    return HasFailure() || allGood(before);
  }));
}

}  // namespace
}  // namespace cairn::testkit
