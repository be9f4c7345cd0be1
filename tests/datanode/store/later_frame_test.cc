// Protects promised frames from being cut off: one behind a damaged place is found, wherever it
// begins.
#include "datanode/store/later_frame.h"

#include <gtest/gtest.h>

#include <string>

#include "common/base/units.h"
#include "common/format/frame.h"
#include "common/io/memory_disk.h"
#include "common/io/random.h"
#include "tests/testkit/results.h"

namespace cairn::dn {
namespace {

constexpr std::uint32_t FRAME_SIZE = 1_MiB;
constexpr std::uint32_t SEQUENCE = 7;
constexpr ChunkId CHUNK{16};

ByteVector frameOf(std::uint32_t sequence, std::size_t plainBytes, ChunkId chunk = CHUNK) {
  io::Random random{1};
  ByteVector plain(plainBytes);
  for (auto& byte : plain) byte = static_cast<std::byte>(random.below(256));
  ByteVector frame(format::encodedFrameMax(plainBytes));
  format::PieceDigest digest(0);
  frame.resize(format::encodeFrame({}, chunk, sequence, plain, frame, digest));
  return frame;
}

// Whether a frame is found behind `damaged` bytes that are none.
bool foundBehind(std::size_t damaged, ByteView frame) {
  io::MemoryDisk disk("/disk1");
  auto file = disk.open("replica", io::OpenMode::CREATE).value();
  EXPECT_OK(file->append(asBytes(std::string(damaged, '\xff'))));
  EXPECT_OK(file->append(frame));
  LaterFrame later(*file, CHUNK, FRAME_SIZE, 0, SEQUENCE);
  while (!later.next().value()) {
  }
  return later.found();
}

TEST(LaterFrame, IsFoundWhereverItBegins) {
  const auto small = frameOf(SEQUENCE + 1, 64 << 10);
  const auto half = frameOf(SEQUENCE + 1, 512 << 10);
  const auto whole = frameOf(SEQUENCE + 1, FRAME_SIZE);
  for (const std::size_t damaged :
       {std::size_t{1}, 1_MiB - 1, 1_MiB, 1_MiB + 1, 1_MiB + 300'000, 2_MiB - 1, 2_MiB + 24}) {
    EXPECT_TRUE(foundBehind(damaged, small)) << damaged;
    EXPECT_TRUE(foundBehind(damaged, half)) << damaged;
    EXPECT_TRUE(foundBehind(damaged, whole)) << damaged;
  }
}

TEST(LaterFrame, WhatIsNoLaterFrameIsNotFound) {
  auto torn = frameOf(SEQUENCE + 1, 64 << 10);
  torn.pop_back();
  EXPECT_FALSE(foundBehind(1_MiB + 5, torn));
  EXPECT_FALSE(foundBehind(100, frameOf(SEQUENCE, 1000)));
  EXPECT_FALSE(foundBehind(100, frameOf(SEQUENCE + 1, 1000, ChunkId(CHUNK.value + 16))));
  EXPECT_FALSE(foundBehind(1_MiB, {}));
}

}  // namespace
}  // namespace cairn::dn
