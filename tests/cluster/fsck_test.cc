// fsck on files that are not whole any more: what --move saves of them and what --delete takes
// away, over a real datanode whose files were removed and damaged.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cairn/client.h"
#include "tests/testkit/daemons.h"
#include "tests/testkit/process.h"
#include "tests/testkit/replica_files.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

constexpr std::uint64_t FRAME = 128 << 10;
constexpr std::uint64_t CHUNK = 4 * FRAME;

class FsckTest : public ::testing::Test {
protected:
  FsckTest()
      : cluster_({.datanodes = 1,
                  .jobs = false,
                  .settings = "[fs]\nreplication = 1\nchunk_size = \"512KiB\"\n"}) {}
  ~FsckTest() override {
    if (HasFailure()) ADD_FAILURE() << cluster_.lastWords();
  }

  Client connect() { return Client::connect({.namenode = cluster_.addressOf("namenode")}).value(); }
  std::string replicaOf(const ChunkLocation& chunk) {
    const auto files = replicaFiles(cluster_.directoryOf("datanode1"), "final", chunk.chunk);
    return files.size() == 1 ? files[0] : "";
  }
  // The second chunk is gone, and of the fourth the second frame is damaged; both are known.
  void spoil(Client& client, const std::string& path) {
    ASSERT_VALUE(const auto chunks, client.locations(path));
    ASSERT_EQ(chunks.size(), 6U);
    cluster_.kill("datanode1");
    ASSERT_TRUE(std::filesystem::remove(replicaOf(chunks[1])));
    flipBit(replicaOf(chunks[3]), FRAME + FRAME / 2);
    cluster_.start("datanode1");
    EXPECT_TRUE(eventually([&]() {
      (void)client.readFile(path);
      const auto now = client.locations(path);
      return now.has_value() && (*now)[0].replicas.size() == 1 && (*now)[1].replicas.empty() &&
             !(*now)[2].damaged && (*now)[2].replicas.size() == 1;
    }));
    EXPECT_TRUE(eventually([&]() {
      auto file = client.open(path);
      std::vector<std::byte> some(10);
      if (file.has_value()) (void)file->pread(3 * CHUNK + FRAME + FRAME / 2, some);
      const auto now = client.locations(path);
      return now.has_value() && (*now)[3].damaged;
    }));
  }

  Daemons cluster_;
};

// Protects: every byte that a replica still has is saved, none that is wrong, each where fsck says;
// files that are whole are not touched, and nothing is removed whose copying did not work.
TEST_F(FsckTest, SavesWhatIsLeftAndRemovesTheRest) {
  auto client = connect();
  const auto content = sampleNoise(5 * CHUNK + 1000, 1);
  ASSERT_OK(client.writeFile("/d/spoiled", content, {.mode = 0640}));
  ASSERT_OK(client.writeFile("/d/whole", "whole"));
  spoil(client, "/d/spoiled");
  const auto looked = cluster_.cairn({"fsck", "/"});
  EXPECT_EQ(looked.code, 1);
  EXPECT_TRUE(
      looked.out.starts_with("/d/spoiled  2622440 bytes, 6 chunks, replication 1: "
                             "1 MISSING, 1 CORRUPT\n\nStatus: CORRUPT\n"))
      << looked.out;

  // Each of its chunks by its id: one is well, one missing, one damaged.
  ASSERT_VALUE(const auto chunks, client.locations("/d/spoiled"));
  std::map<std::string, int> told;
  for (const auto& chunk : chunks) {
    const auto one = cluster_.cairn({"fsck", "--chunk-id", std::to_string(chunk.chunk)});
    EXPECT_NE(one.out.find("\nBlock belongs to: /d/spoiled\n"), std::string::npos) << one.out;
    const bool bad = one.out.ends_with(" is CORRUPT\n");
    const bool none = one.out.find("\nBlock replica on ") == std::string::npos;
    EXPECT_EQ(one.code, bad || none ? 1 : 0) << one.out;
    ++told[bad ? "damaged" : none ? "missing" : "well"];
  }
  EXPECT_EQ(told, (std::map<std::string, int>{{"well", 4}, {"missing", 1}, {"damaged", 1}}));

  const auto moved = cluster_.cairn({"fsck", "/d", "-move"});
  EXPECT_EQ(moved.code, 1);
  EXPECT_EQ(moved.err, "");
  EXPECT_NE(moved.out.find("1 MISSING, 1 CORRUPT\n"
                           "  copied bytes 0-524287 to /lost+found/d/spoiled/0\n"
                           "  copied bytes 1048576-1703935 to /lost+found/d/spoiled/1\n"
                           "  copied bytes 1835008-2622439 to /lost+found/d/spoiled/2\n"
                           "  lost bytes 524288-1048575: no datanode has its chunk\n"
                           "  lost bytes 1703936-1835007: "),
            std::string::npos)
      << moved.out;
  const auto copied = [&](int piece) {
    return client.readFile("/lost+found/d/spoiled/" + std::to_string(piece)).value_or("none");
  };
  EXPECT_TRUE(copied(0) == content.substr(0, CHUNK));
  EXPECT_TRUE(copied(1) == content.substr(2 * CHUNK, CHUNK + FRAME));
  EXPECT_TRUE(copied(2) == content.substr(3 * CHUNK + 2 * FRAME));
  ASSERT_VALUE(const auto saved, client.stat("/lost+found/d/spoiled/0"));
  EXPECT_EQ(saved.mode, 0640);
  ASSERT_VALUE(const auto directory, client.stat("/lost+found/d/spoiled"));
  EXPECT_EQ(directory.mode, 0750);
  EXPECT_OK(client.stat("/d/spoiled"));

  // What was saved once is not written over, nor the file removed that could not be saved again.
  const auto again = cluster_.cairn({"fsck", "/d", "--move", "--delete"});
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(again.err.find("what is left of it was not copied: /lost+found/d/spoiled is there"),
            std::string::npos)
      << again.err;
  EXPECT_OK(client.stat("/d/spoiled"));

  ASSERT_OK(client.rename("/lost+found/d/spoiled", "/lost+found/d/earlier"));
  const auto json = cluster_.cairn({"fsck", "/d", "--move", "--delete", "--json"});
  EXPECT_EQ(json.code, 1);
  EXPECT_NE(json.out.find(R"({"path":"/lost+found/d/spoiled/1","offset":1048576,"length":655360})"),
            std::string::npos)
      << json.out;
  EXPECT_NE(json.out.find(R"("removed":true)"), std::string::npos) << json.out;
  EXPECT_CODE(Code::NOT_FOUND, client.stat("/d/spoiled"));
  EXPECT_TRUE(copied(2) == content.substr(3 * CHUNK + 2 * FRAME));
  EXPECT_EQ(client.readFile("/d/whole").value_or(""), "whole");
  EXPECT_EQ(cluster_.cairn({"fsck", "/"}).code, 0);
}

// Protects what is left of an only copy whose end is damaged or gone: its frames can be read
// without.
TEST_F(FsckTest, AReplicaWithoutItsIndexIsSavedWhole) {
  auto client = connect();
  const auto content = sampleNoise(2 * CHUNK, 1);
  ASSERT_OK(client.writeFile("/f", content));
  ASSERT_VALUE(const auto chunks, client.locations("/f"));
  ASSERT_EQ(chunks.size(), 2U);
  cluster_.kill("datanode1");
  const auto flipped = replicaOf(chunks[0]);
  flipBit(flipped, std::filesystem::file_size(flipped) - 40);
  const auto cut = replicaOf(chunks[1]);
  std::filesystem::resize_file(cut, std::filesystem::file_size(cut) - 100);
  cluster_.start("datanode1");
  EXPECT_TRUE(eventually([&]() {
    (void)client.readFile("/f");
    const auto now = client.locations("/f");
    return now.has_value() && (*now)[0].damaged && (*now)[1].damaged;
  }));
  EXPECT_TRUE(client.readFile("/f").value_or("") == content);
  const auto moved = cluster_.cairn({"fsck", "/", "--move"});
  EXPECT_NE(moved.out.find("2 CORRUPT\n  copied bytes 0-1048575 to /lost+found/f/0\n"),
            std::string::npos)
      << moved.out;
  EXPECT_EQ(moved.out.find("lost bytes"), std::string::npos) << moved.out;
  EXPECT_TRUE(client.readFile("/lost+found/f/0").value_or("") == content);
}

// Protects a file from --delete whose other chunks are on a datanode that is only away.
TEST_F(FsckTest, WhatMayBeReadLaterIsNotRemoved) {
  auto client = connect();
  const auto content = sampleNoise(CHUNK + 1000, 1);
  ASSERT_OK(client.writeFile("/f", content));
  ASSERT_VALUE(const auto chunks, client.locations("/f"));
  ASSERT_EQ(chunks.size(), 2U);
  cluster_.kill("datanode1");
  ASSERT_TRUE(std::filesystem::remove(replicaOf(chunks[0])));
  cluster_.start("datanode1");
  EXPECT_TRUE(eventually([&]() {
    const auto now = client.locations("/f");
    return now.has_value() && (*now)[0].replicas.empty() && (*now)[1].replicas.size() == 1;
  }));
  cluster_.kill("datanode1");
  const auto refused = cluster_.cairn({"fsck", "/", "--move", "--delete"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("/f: not removed, for some of it may be read later: "),
            std::string::npos)
      << refused.err;
  EXPECT_NE(refused.out.find("  unread bytes 524288-525287: "), std::string::npos) << refused.out;
  cluster_.start("datanode1");
  EXPECT_TRUE(eventually([&]() {
    return cluster_.cairn({"fsck", "/f", "--delete"}).out.find("  removed\n") != std::string::npos;
  }));
}

TEST_F(FsckTest, RemovesForGood) {
  auto client = connect();
  ASSERT_OK(client.writeFile("/d/spoiled", sampleNoise(5 * CHUNK + 1000, 1)));
  ASSERT_OK(client.writeFile("/d/whole", "whole"));
  spoil(client, "/d/spoiled");
  EXPECT_EQ(cluster_.cairn({"fsck", "/", "--list-corrupt", "--delete"}).code, 2);
  EXPECT_OK(client.stat("/d/spoiled"));
  const auto removed = cluster_.cairn({"fsck", "/d/spoiled", "-delete"});
  EXPECT_EQ(removed.code, 1);
  EXPECT_NE(removed.out.find("\n  removed\n"), std::string::npos) << removed.out;
  EXPECT_CODE(Code::NOT_FOUND, client.stat("/d/spoiled"));
  const auto after = cluster_.cairn({"fsck", "/", "-delete"});
  EXPECT_EQ(after.code, 0) << after.out;
  EXPECT_EQ(client.readFile("/d/whole").value_or(""), "whole");
}

}  // namespace
}  // namespace cairn::testkit
