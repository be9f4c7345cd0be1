// Protects attributes, summaries and joined files on their way through the library: what a program
// sets is what the namenode keeps and what another program is told.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/client/cluster/real_cluster.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"

namespace cairn::client {
namespace {

constexpr std::size_t CHUNK = 1 << 20;

class AttributesOfACluster : public ::testing::Test {
protected:
  static void SetUpTestSuite() { shared_ = new RealCluster({.datanodes = 1, .replication = 1}); }
  static void TearDownTestSuite() { delete shared_; }
  Client client = shared_->connect();

private:
  static RealCluster* shared_;
};
RealCluster* AttributesOfACluster::shared_ = nullptr;

TEST_F(AttributesOfACluster, AreKeptAsSet) {
  ASSERT_OK(client.writeFile("/set/f", "contents"));
  EXPECT_EQ(client.setReplication("/set/f", 5), Result<bool>(true));
  EXPECT_EQ(client.setReplication("/set", 5), Result<bool>(false));
  ASSERT_OK(client.setPermission("/set/f", 0640));
  ASSERT_OK(client.setOwner("/set/f", "ann", ""));
  ASSERT_OK(client.setOwner("/set/f", "", "staff"));
  ASSERT_OK(client.setTimes("/set/f", 1'000, 2'000));
  ASSERT_OK(client.setTimes("/set/f", -1, 3'000));
  ASSERT_OK(client.setStoragePolicy("/set/f", StoragePolicy::COLD));
  ASSERT_VALUE(const auto entry, client.stat("/set/f"));
  EXPECT_EQ(entry.replication, 5);
  EXPECT_EQ(entry.mode, 0640);
  EXPECT_EQ(entry.owner, "ann");
  EXPECT_EQ(entry.group, "staff");
  EXPECT_EQ(entry.mtimeMs, 1'000);
  EXPECT_EQ(entry.atimeMs, 3'000);
  EXPECT_EQ(entry.storagePolicy, 2);
  EXPECT_FALSE(entry.hasXAttrs);
  EXPECT_CODE(Code::NOT_FOUND, client.setPermission("/set/none", 0640));
}

TEST_F(AttributesOfACluster, XAttrsHoldAnyBytes) {
  ASSERT_OK(client.writeFile("/x", ""));
  const std::string bytes("\0\xff a", 4);
  ASSERT_OK(client.setXAttr("/x", "user.b", bytes, XAttrSet::CREATE));
  EXPECT_CODE(Code::INVALID_ARGUMENT, client.setXAttr("/x", "user.b", "", XAttrSet::CREATE));
  EXPECT_CODE(Code::INVALID_ARGUMENT, client.setXAttr("/x", "user.a", "", XAttrSet::REPLACE));
  ASSERT_OK(client.setXAttr("/x", "user.a", "1"));
  ASSERT_OK(client.setXAttr("/x", "user.a", "2", XAttrSet::REPLACE));
  EXPECT_TRUE(client.stat("/x").value().hasXAttrs);
  ASSERT_VALUE(const auto all, client.getXAttrs("/x"));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "user.a");
  EXPECT_EQ(all[0].value, "2");
  EXPECT_EQ(all[1].value, bytes);
  ASSERT_VALUE(const auto one, client.getXAttrs("/x", {"user.b"}));
  EXPECT_EQ(one.size(), 1u);
  ASSERT_OK(client.removeXAttr("/x", "user.b"));
  EXPECT_CODE(Code::INVALID_ARGUMENT, client.getXAttrs("/x", {"user.b"}));
}

// A directory's compression reaches the bytes on disk of files that are written below it.
TEST_F(AttributesOfACluster, CompressionOfADirectoryIsThatOfItsFiles) {
  const auto text = testkit::sampleText(CHUNK, 1);
  ASSERT_OK(client.mkdirs("/plain"));
  ASSERT_OK(client.setCompression("/plain", Compression{.codec = Codec::NONE, .zstdLevel = 0}));
  EXPECT_TRUE(client.stat("/plain").value().codecSet);
  ASSERT_VALUE(const auto raw, client.writeFile("/plain/f", text));
  EXPECT_EQ(raw.codec, Codec::NONE);
  EXPECT_GT(raw.storedLength, text.size());
  ASSERT_OK(client.setCompression("/plain", Compression{.zstdLevel = 5}));
  ASSERT_VALUE(const auto packed, client.writeFile("/plain/g", text));
  EXPECT_EQ(packed.zstdLevel, 5);
  EXPECT_LT(packed.storedLength, text.size());
  ASSERT_OK(client.setCompression("/plain", std::nullopt));
  EXPECT_FALSE(client.stat("/plain").value().codecSet);
  ASSERT_VALUE(const auto summary, client.contentSummary("/plain"));
  EXPECT_EQ(summary.files, 2u);
  EXPECT_EQ(summary.directories, 1u);
  EXPECT_EQ(summary.length, 2 * text.size());
  EXPECT_EQ(summary.storedConsumed, raw.storedLength + packed.storedLength);
}

// Files that are joined read as one, though their chunks are not full.
TEST_F(AttributesOfACluster, JoinedFilesReadAsOne) {
  const std::vector<std::string> parts{testkit::sampleText(CHUNK + 7, 2),
                                       testkit::sampleNoise(10, 3),
                                       testkit::sampleText(2 * CHUNK, 4)};
  std::string whole;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    ASSERT_OK(client.writeFile("/parts/" + std::to_string(i), parts[i]));
    whole += parts[i];
  }
  ASSERT_OK(client.concat("/parts/0", {"/parts/1", "/parts/2"}));
  EXPECT_CODE(Code::NOT_FOUND, client.stat("/parts/1"));
  ASSERT_VALUE(const auto got, client.readFile("/parts/0"));
  EXPECT_TRUE(got == whole) << "other bytes came back";
  // From the middle of a chunk over a short one.
  ASSERT_VALUE(auto file, client.open("/parts/0"));
  std::string piece(100, '\0');
  ASSERT_VALUE(const auto n, file.pread(CHUNK - 3, std::as_writable_bytes(std::span(piece))));
  EXPECT_EQ(piece.substr(0, n), whole.substr(CHUNK - 3, n));
  EXPECT_EQ(client.contentSummary("/parts").value().length, whole.size());
}

TEST_F(AttributesOfACluster, SpaceIsTold) {
  ASSERT_VALUE(const auto status, client.statFs());
  EXPECT_GT(status.capacity, 0u);
  EXPECT_GT(status.remaining, 0u);
  EXPECT_LE(status.remaining, status.capacity);
}

}  // namespace
}  // namespace cairn::client
