#include "common/format/chunk_scan.h"

#include <gtest/gtest.h>

#include "common/format/chunk_mark.h"
#include "common/format/crc32c.h"
#include "common/format/footer.h"
#include "common/io/random.h"
#include "tests/common/format/sample_chunk.h"
#include "tests/testkit/results.h"

namespace cairn::format {
namespace {

constexpr std::uint32_t FRAME_SIZE = 1000;
constexpr ChunkId CHUNK{0x1230};  // SampleChunk's
using Depth = ChunkScan::Depth;

SampleChunk sample() {
  SampleChunk chunk(FRAME_SIZE);
  chunk.frames(textBytes(2500)).frame(noiseBytes(700)).frame(asBytes("x")).frame(textBytes(1000));
  return chunk;
}

ByteView frames(const SampleChunk& chunk) {
  return ByteView(chunk.file).subspan(CHUNK_HEADER_BYTES);
}

ChunkScan scanned(ByteView bytes, Depth depth = Depth::PLAIN) {
  ChunkScan scan(CHUNK, FRAME_SIZE, depth);
  scan.feed(bytes);
  return scan;
}

TEST(ChunkScanTest, WholeChunk) {
  auto chunk = sample();
  for (auto depth : {Depth::STORED, Depth::PLAIN}) {
    auto scan = scanned(frames(chunk), depth);
    EXPECT_FALSE(scan.stopped());
    EXPECT_EQ(0u, scan.pendingBytes());
    EXPECT_EQ(chunk.index, scan.index());
    EXPECT_EQ(crc32c(chunk.plain), scan.plainCrc());
  }
  auto scan = scanned(frames(chunk));
  EXPECT_EQ(chunk.digest.md5(), scan.digest().md5());
  EXPECT_EQ(chunk.digest.plainCrc(), scan.digest().plainCrc());
}

// How the file is read does not change what is found: pieces of any size, the footer included.
TEST(ChunkScanTest, PiecesOfAnySize) {
  auto chunk = sample().seal();
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    io::Random random(seed);
    ChunkScan scan(CHUNK, FRAME_SIZE, seed % 2 == 0 ? Depth::PLAIN : Depth::STORED);
    const auto most = 1 + random.below(random.below(2) == 0 ? 30 : 3000);
    for (auto rest = frames(chunk); !rest.empty();) {
      auto size = std::min<std::size_t>(random.below(most + 1), rest.size());
      scan.feed(rest.first(size));
      rest = rest.subspan(size);
    }
    ASSERT_TRUE(scan.atFooter()) << "seed " << seed;
    ASSERT_FALSE(scan.damage().has_value());
    ASSERT_EQ(chunk.index, scan.index()) << "seed " << seed;
    ASSERT_EQ(0u, scan.pendingBytes());
  }
}

// A writer that crashed at any byte: every whole frame is kept, no part of another one.
TEST(ChunkScanTest, CutAnywhere) {
  auto chunk = sample();
  const auto bytes = frames(chunk);
  std::uint32_t whole = 0;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    if (whole < chunk.index.frameCount() &&
        CHUNK_HEADER_BYTES + size ==
            chunk.index.frame(whole).fileOffset + chunk.index.frame(whole).fileLength) {
      ++whole;
    }
    auto scan = scanned(bytes.first(size), Depth::STORED);
    ASSERT_EQ(whole, scan.index().frameCount()) << size;
    ASSERT_FALSE(scan.stopped()) << size;
    ASSERT_EQ(CHUNK_HEADER_BYTES + size - scan.index().framesEnd(), scan.pendingBytes()) << size;
  }
}

// Space that the file system had allocated and the crash left zero, or other rubbish, is no frame.
TEST(ChunkScanTest, RubbishBehindTheFrames) {
  for (const auto& tail : {ByteVector(5000), ByteVector(24), noiseBytes(5000), textBytes(100)}) {
    auto chunk = sample();
    chunk.file.insert(chunk.file.end(), tail.begin(), tail.end());
    auto scan = scanned(frames(chunk));
    EXPECT_EQ(chunk.index, scan.index());
    ASSERT_TRUE(scan.damage().has_value());
    EXPECT_EQ(Code::CORRUPT, scan.damage()->code());
    EXPECT_FALSE(scan.atFooter());
    // Once stopped, always stopped.
    scan.feed(frames(chunk));
    EXPECT_EQ(chunk.index, scan.index());
  }
}

// The prefix before a flipped bit is kept, the frame that holds it never.
TEST(ChunkScanTest, FlippedBitAnywhere) {
  const auto chunk = sample();
  for (std::size_t at = 0; at < frames(chunk).size(); ++at) {
    auto damaged = chunk.file;
    damaged[CHUNK_HEADER_BYTES + at] ^= static_cast<std::byte>(1 << at % 8);
    std::uint32_t good = 0;
    while (chunk.index.frame(good).fileOffset + chunk.index.frame(good).fileLength <=
           CHUNK_HEADER_BYTES + at) {
      ++good;
    }
    auto scan = scanned(ByteView(damaged).subspan(CHUNK_HEADER_BYTES), Depth::STORED);
    ASSERT_EQ(good, scan.index().frameCount()) << at;
    // Damage, or a length that now reaches behind the end.
    ASSERT_TRUE(scan.damage() || scan.pendingBytes() > 0) << at;
  }
}

// A frame left out, doubled or moved is good in itself: its number gives it away.
TEST(ChunkScanTest, SequenceIsChecked) {
  const auto chunk = sample();
  const auto nth = [&](std::uint32_t n) {
    auto place = chunk.index.frame(n);
    return ByteView(chunk.file).subspan(place.fileOffset, place.fileLength);
  };
  for (auto [second, third] : {std::pair(0u, 1u), std::pair(2u, 3u)}) {
    ChunkScan scan(CHUNK, FRAME_SIZE, Depth::STORED);
    scan.feed(nth(0));
    scan.feed(nth(second));
    scan.feed(nth(third));
    EXPECT_EQ(1u, scan.index().frameCount());
    EXPECT_EQ(Code::CORRUPT, scan.damage()->code());
  }
}

// A good frame with the right number, but of another chunk, ends the good prefix.
TEST(ChunkScanTest, AnotherChunksFrameIsDamage) {
  const auto chunk = sample();
  auto mixed = chunk.file;
  const auto third = chunk.index.frame(2);
  rebindFrame(MutableBytes(mixed).subspan(third.fileOffset), CHUNK, ChunkId(CHUNK.value + 16));
  for (auto depth : {Depth::STORED, Depth::PLAIN}) {
    auto scan = scanned(ByteView(mixed).subspan(CHUNK_HEADER_BYTES), depth);
    EXPECT_EQ(2u, scan.index().frameCount());
    ASSERT_TRUE(scan.damage().has_value());
    EXPECT_EQ(Code::CORRUPT, scan.damage()->code());
    ChunkScan other(ChunkId(CHUNK.value + 16), FRAME_SIZE, depth);
    other.feed(frames(chunk));
    EXPECT_EQ(0u, other.index().frameCount());
    EXPECT_TRUE(other.damage().has_value());
  }
}

// The node that unpacks finds an encoder's fault that the stored checksum covers up.
TEST(ChunkScanTest, DepthPlainUnpacks) {
  auto chunk = SampleChunk(FRAME_SIZE).frame(textBytes(1000));
  auto* frame = chunk.file.data() + CHUNK_HEADER_BYTES;
  storeLittle(frame + 16, loadLittle<std::uint32_t>(frame + 16) ^ 1);
  auto crc = crc32c(frames(chunk).first(20));
  storeLittle(frame + 20, crc32c(frames(chunk).subspan(24), crc) ^ chunkMark(CHUNK));
  EXPECT_EQ(1u, scanned(frames(chunk), Depth::STORED).index().frameCount());
  auto scan = scanned(frames(chunk), Depth::PLAIN);
  EXPECT_EQ(0u, scan.index().frameCount());
  EXPECT_TRUE(scan.damage().has_value());
}

// A frame larger than the chunk's frames may be is refused from its header, before its bytes are
// waited for.
TEST(ChunkScanTest, FrameTooLarge) {
  auto chunk = SampleChunk(FRAME_SIZE + 1).frame(noiseBytes(FRAME_SIZE + 1));
  auto scan = scanned(frames(chunk).first(FRAME_HEADER_BYTES));
  EXPECT_TRUE(scan.damage().has_value());
}

}  // namespace
}  // namespace cairn::format
