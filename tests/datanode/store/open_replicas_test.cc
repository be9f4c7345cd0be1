// Protects the process from running out of descriptors and memory: as many replicas stay open as
// there may, and those used last.
#include "datanode/store/open_replicas.h"

#include <gtest/gtest.h>

#include "common/io/memory_disk.h"
#include "datanode/store/replica_appender.h"
#include "tests/datanode/fakes/chunk_data.h"
#include "tests/testkit/results.h"

namespace cairn::dn {
namespace {

const VolumeIdentity IDENTITY{.cluster = Uuid::fromHighLow(1, 2),
                              .datanode = Uuid::fromHighLow(3, 4),
                              .volume = Uuid::fromHighLow(5, 6),
                              .node = NodeId(7)};

class Open : public ::testing::Test {
protected:
  void SetUp() override {
    volume = Volume::open(disk, {}).value();
    ASSERT_OK(volume->format(IDENTITY));
  }
  std::shared_ptr<const ReplicaFile> make(std::uint64_t number) {
    const ReplicaKey key{ChunkId(number * 16), GenerationStamp(1)};
    const format::ChunkHeader header{
        .cluster = IDENTITY.cluster, .chunk = key.chunk, .frameSize = 512};
    auto appender =
        ReplicaAppender::create(volume, key, header, format::ChunkScan::Depth::STORED, 1000)
            .value();
    const auto name = appender->seal({.md5 = format::ChunkDigest().md5()}).value();
    return ReplicaFile::open(*volume, name, IDENTITY.cluster).value();
  }

  io::MemoryDisk disk;
  std::shared_ptr<Volume> volume;
};

TEST_F(Open, TheLongestUnusedIsClosedFirst) {
  OpenReplicas open;
  std::weak_ptr<const ReplicaFile> second;
  for (std::uint64_t i = 1; i <= OpenReplicas::OPEN_MAX; ++i) {
    auto file = make(i);
    if (i == 2) second = file;
    open.keep(file->name().key, file);
  }
  const auto key = [](std::uint64_t number) {
    return ReplicaKey{ChunkId(number * 16), GenerationStamp(1)};
  };
  EXPECT_NE(open.find(key(1)), nullptr);  // used just now
  auto one = make(1'000'000);
  open.keep(one->name().key, one);
  EXPECT_EQ(open.size(), OpenReplicas::OPEN_MAX);
  EXPECT_NE(open.find(key(1)), nullptr);
  EXPECT_EQ(open.find(key(2)), nullptr);
  EXPECT_TRUE(second.expired());  // closed, not only forgotten
}

TEST_F(Open, WhoHoldsAForgottenOneReadsOn) {
  OpenReplicas open;
  auto held = make(1);
  open.keep(held->name().key, held);
  open.keep(held->name().key, held);
  EXPECT_EQ(open.size(), 1U);
  open.forget(held->name().key);
  EXPECT_EQ(open.size(), 0U);
  EXPECT_TRUE(ReplicaCheck(held, ReplicaCheck::Cache::PASS).next().value());
}

}  // namespace
}  // namespace cairn::dn
