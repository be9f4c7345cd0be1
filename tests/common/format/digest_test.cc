#include <gtest/gtest.h>

#include "common/format/chunk_digest.h"
#include "common/format/crc32c.h"
#include "common/format/piece_digest.h"
#include "common/io/random.h"
#include "tests/common/format/sample_chunk.h"

namespace cairn::format {
namespace {

// What the definition says, without any cleverness.
Md5 plainlyComputed(ByteView plain) {
  Md5Sum sum;
  for (; !plain.empty(); plain = plain.subspan(std::min<std::size_t>(512, plain.size()))) {
    std::byte crc[4];
    storeBig(crc, crc32c(plain.first(std::min<std::size_t>(512, plain.size()))));
    sum.add(crc);
  }
  return sum.sum();
}

// A chunk of one file of one block is what `hdfs dfs -checksum` shows, wrapped once more: the MD5
// over the blocks' MD5s, padded with zeros to 32 bytes. The figure is HDFS's own for "bar\n".
TEST(DigestTest, IsTheChecksumOfHdfs) {
  PieceDigest piece;
  piece.add(asBytes("bar\n"));
  ChunkDigest chunk;
  chunk.add(piece);
  Md5Sum file;
  file.add(chunk.md5().bytes);
  file.add(ByteVector(16));
  EXPECT_EQ("27c076e4987344253650d3335a5d08ce", file.sum().toString());
}

TEST(DigestTest, EmptyChunk) {
  ChunkDigest chunk;
  chunk.add(PieceDigest());
  EXPECT_EQ(0u, chunk.length());
  EXPECT_EQ(0u, chunk.plainCrc());
  EXPECT_EQ(plainlyComputed({}), chunk.md5());
}

// However a chunk is cut into pieces, pieces into calls and pieces joined with pieces: one result.
// Cuts are at units' borders, one beside them, and anywhere.
TEST(DigestTest, AnyPiecesJoin) {
  const auto plain = noiseBytes(6000);
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    io::Random random(seed);
    const auto length = random.below(plain.size() + 1);
    const auto cutAfter = [&](std::uint64_t at) {
      switch (random.below(4)) {
        case 0: return std::min(length, at / 512 * 512 + 512 * (1 + random.below(3)));
        case 1: return std::min(length, at + random.below(3));
        case 2: return std::min(length, at / 512 * 512 + 511 + random.below(3));
        default: return at + random.below(length - at + 1);
      }
    };
    ChunkDigest chunk;
    for (std::uint64_t at = 0; at < length;) {
      PieceDigest piece(at);
      for (auto parts = random.below(4); parts > 0; --parts) {
        const auto end = cutAfter(at);
        const auto bytes = ByteView(plain).subspan(at, end - at);
        if (random.below(2) == 0) {
          ASSERT_EQ(crc32c(bytes), piece.add(bytes)) << "seed " << seed;
        } else {
          PieceDigest next(at);
          next.add(bytes);
          piece.add(next);
        }
        at = end;
      }
      chunk.add(piece);
      ASSERT_EQ(at, chunk.length());
      ASSERT_EQ(crc32c(ByteView(plain).first(at)), chunk.plainCrc()) << "seed " << seed;
      ASSERT_EQ(plainlyComputed(ByteView(plain).first(at)), chunk.md5()) << "seed " << seed;
    }
  }
}

// A piece knows each unit's part, which is what HDFS's readers want beside the bytes.
TEST(DigestTest, UnitsOfAPiece) {
  const auto plain = noiseBytes(1200);
  PieceDigest piece(1000);  // 24 bytes of the second unit, then 512, 512, 152
  piece.add(plain);
  EXPECT_EQ(488u, piece.startInUnit());
  EXPECT_EQ((1000 + 1200) % 512u, piece.endInUnit());
  ASSERT_EQ(4u, piece.unitCrcs().size());
  EXPECT_EQ(crc32c(ByteView(plain).first(24)), piece.unitCrcs()[0]);
  EXPECT_EQ(crc32c(ByteView(plain).subspan(24, 512)), piece.unitCrcs()[1]);
  EXPECT_EQ(crc32c(ByteView(plain).subspan(536, 512)), piece.unitCrcs()[2]);
  EXPECT_EQ(crc32c(ByteView(plain).subspan(1048)), piece.unitCrcs()[3]);
}

}  // namespace
}  // namespace cairn::format
