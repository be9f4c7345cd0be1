#include "common/format/frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ranges>
#include <vector>

#include "common/format/chunk_mark.h"
#include "common/format/crc32c.h"
#include "common/format/zstd_codec.h"
#include "tests/common/format/sample_chunk.h"
#include "tests/testkit/results.h"

namespace cairn::format {
namespace {

constexpr ChunkId CHUNK{0x1230};

ByteVector encoded(ByteView plain, FrameEncoding encoding = {}, std::uint32_t sequence = 7) {
  ByteVector bytes(encodedFrameMax(plain.size()));
  PieceDigest digest;
  bytes.resize(encodeFrame(encoding, CHUNK, sequence, plain, bytes, digest));
  EXPECT_EQ(crc32c(plain), digest.plainCrc());
  return bytes;
}

Result<ByteVector> decoded(ByteView bytes, std::uint32_t frameSize = limits::FRAME_SIZE_MAX) {
  ASSIGN(auto frame, frameAt(bytes, frameSize));
  ByteVector plain(frame.header.plainLength);
  PieceDigest digest;
  TRY(decodeFrame(frame, CHUNK, plain, &digest));
  TRY(decodeFrame(frame, CHUNK, plain));
  EXPECT_EQ(crc32c(plain), digest.plainCrc());
  return plain;
}

// Makes the stored checksum right again: what only a writer could have done.
void reseal(ByteVector& frame) {
  auto crc = crc32c(ByteView(frame).first(20));
  crc = crc32c(ByteView(frame).subspan(FRAME_HEADER_BYTES), crc);
  storeLittle(frame.data() + 20, crc ^ chunkMark(CHUNK));
}

TEST(FrameTest, RoundTripOfEveryLengthAndLevel) {
  for (auto codec : {Codec::RAW, Codec::ZSTD}) {
    for (std::size_t length = 1; length < 1500; length += length < 40 ? 1 : 97) {
      for (const auto& plain : {textBytes(length), noiseBytes(length), ByteVector(length)}) {
        ASSERT_VALUE(auto back, decoded(encoded(plain, {.codec = codec})));
        ASSERT_EQ(plain, back) << length;
      }
    }
  }
  const auto plain = textBytes(limits::FRAME_SIZE_MAX);
  for (int level : {-100, -1, 0, 1, 3, 9, 1000}) {
    ASSERT_VALUE(auto back, decoded(encoded(ByteView(plain).first(100000), {.zstdLevel = level})));
    EXPECT_TRUE(std::equal(back.begin(), back.end(), plain.begin())) << level;
  }
  ASSERT_VALUE(auto back, decoded(encoded(plain)));
  EXPECT_EQ(plain, back);
}

TEST(FrameTest, HeaderSaysWhatItIs) {
  const auto plain = textBytes(5000);
  const auto bytes = encoded(plain);
  ASSERT_VALUE(auto frame, frameAt(bytes));
  EXPECT_EQ(Codec::ZSTD, frame.header.codec);
  EXPECT_EQ(7u, frame.header.sequence);
  EXPECT_EQ(5000u, frame.header.plainLength);
  EXPECT_EQ(bytes.size(), frame.header.frameBytes());
  EXPECT_EQ(crc32c(plain), frame.header.plainCrc);
  EXPECT_OK(checkStored(frame, CHUNK));
}

// A tenth saved is worth unpacking; less is not, and costs no more than the raw bytes.
TEST(FrameTest, RawUnlessATenthIsSaved) {
  constexpr std::size_t LENGTH = 64 * 1024;
  const auto codecOf = [](std::size_t zeros) {
    auto plain = noiseBytes(LENGTH);
    std::fill_n(plain.begin(), zeros, std::byte{0});
    auto bytes = encoded(plain);
    EXPECT_LE(bytes.size(), encodedFrameMax(LENGTH));
    return frameAt(bytes)->header.codec;
  };
  EXPECT_EQ(Codec::RAW, codecOf(0));
  EXPECT_EQ(Codec::RAW, codecOf(LENGTH * 9 / 100));
  EXPECT_EQ(Codec::ZSTD, codecOf(LENGTH * 11 / 100));
  EXPECT_EQ(Codec::RAW, frameAt(encoded(textBytes(LENGTH), {.codec = Codec::RAW}))->header.codec);
}

// Any flipped bit, in header or payload, is found: by the stored checksum alone (scrubbing,
// forwarding) and so by decoding.
TEST(FrameTest, EveryBitCounts) {
  for (const auto& plain : {textBytes(700), noiseBytes(90)}) {
    const auto good = encoded(plain);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      auto bytes = good;
      bytes[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
      auto frame = frameAt(bytes);
      if (!frame.has_value()) {
        EXPECT_CODE(Code::CORRUPT, frame);
        continue;
      }
      EXPECT_CODE(Code::CORRUPT, checkStored(*frame, CHUNK)) << "bit " << bit;
      ByteVector room(frame->header.plainLength);
      EXPECT_CODE(Code::CORRUPT, decodeFrame(*frame, CHUNK, room)) << "bit " << bit;
      if (frame->header.codec == Codec::RAW) {
        EXPECT_CODE(Code::CORRUPT, checkRaw(*frame, CHUNK)) << "bit " << bit;
      }
    }
  }
}

TEST(FrameTest, CutOff) {
  const auto good = encoded(textBytes(700));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_CODE(Code::CORRUPT, frameAt(ByteView(good).first(size)));
  }
}

// A frame that lies where another chunk's should, whole and with the right number: a write that was
// lost or went astray, or a datanode that mixes up its files.
TEST(FrameTest, AnotherChunksFrameIsRefused) {
  for (auto codec : {Codec::RAW, Codec::ZSTD}) {
    const auto plain = textBytes(3000);
    const auto bytes = encoded(plain, {.codec = codec});
    ASSERT_VALUE(auto frame, frameAt(bytes));
    ASSERT_EQ(codec, frame.header.codec);
    ByteVector room(plain.size());
    // The chunks next to it, with far ids, with any one bit changed, and none.
    std::vector<std::uint64_t> others{0, CHUNK.value - 16, CHUNK.value + 16, ~CHUNK.value};
    for (unsigned bit = 0; bit < 64; ++bit) others.push_back(CHUNK.value ^ 1ULL << bit);
    for (const ChunkId other :
         others | std::views::transform([](auto id) { return ChunkId(id); })) {
      EXPECT_CODE(Code::CORRUPT, checkStored(frame, other)) << other.value;
      EXPECT_CODE(Code::CORRUPT, decodeFrame(frame, other, room)) << other.value;
      if (codec == Codec::RAW) EXPECT_CODE(Code::CORRUPT, checkRaw(frame, other)) << other.value;
    }
    const auto why = checkStored(frame, ChunkId(16)).error().message();
    EXPECT_NE(std::string::npos, why.find("another chunk's")) << why;
  }
}

// No two of so many ids in a row are taken for each other.
TEST(FrameTest, MarksOfNearChunksDiffer) {
  std::vector<std::uint32_t> marks;
  for (std::uint64_t id = 16; id < 16 * 100'000; id += 16) marks.push_back(chunkMark(ChunkId(id)));
  std::ranges::sort(marks);
  EXPECT_TRUE(std::ranges::adjacent_find(marks) == marks.end());
}

// Frames that were packed for no chunk yet, or for one that was abandoned, are the same bytes then
// as if they had been made for it.
TEST(FrameTest, FramesAreBoundToAnotherChunk) {
  ByteVector frames;
  ByteVector bound;
  std::uint32_t sequence = 0;
  for (const auto& plain : {textBytes(3000), noiseBytes(700), textBytes(1)}) {
    for (auto [chunk, to] : {std::pair(ChunkId(), &frames), std::pair(CHUNK, &bound)}) {
      ByteVector bytes(encodedFrameMax(plain.size()));
      PieceDigest digest;
      bytes.resize(encodeFrame({}, chunk, sequence, plain, bytes, digest));
      to->insert(to->end(), bytes.begin(), bytes.end());
    }
    ++sequence;
  }
  EXPECT_NE(frames, bound);
  for (auto rest = MutableBytes(frames); !rest.empty();) {
    const auto size = frameAt(rest).value().bytes.size();
    rebindFrame(rest, ChunkId(), ChunkId(48));
    rebindFrame(rest, ChunkId(48), CHUNK);
    rest = rest.subspan(size);
  }
  EXPECT_EQ(frames, bound);
}

// An encoder's fault (memory, zstd, a bug) that was checksummed afterwards: the stored checksum
// cannot see it, unpacking does.
TEST(FrameTest, PlainChecksumSeesAnEncodersFault) {
  for (auto codec : {Codec::RAW, Codec::ZSTD}) {
    auto plain = textBytes(3000);
    const auto intended = crc32c(plain);
    plain[1000] ^= std::byte{4};
    auto bytes = encoded(plain, {.codec = codec});
    storeLittle(bytes.data() + 16, intended);
    reseal(bytes);
    ASSERT_VALUE(auto frame, frameAt(bytes));
    EXPECT_OK(checkStored(frame, CHUNK));
    EXPECT_CODE(Code::CORRUPT, decoded(bytes));
  }
}

TEST(FrameTest, ImpossibleHeaders) {
  const auto good = encoded(textBytes(700));
  const auto with = [&](std::size_t at, auto value) {
    auto bytes = good;
    storeLittle(bytes.data() + at, value);
    reseal(bytes);
    return bytes;
  };
  EXPECT_CODE(Code::CORRUPT, frameAt(with(0, 0u)));    // nothing stored
  EXPECT_CODE(Code::CORRUPT, frameAt(with(0, 701u)));  // stored longer than plain
  EXPECT_CODE(Code::CORRUPT, frameAt(with(0, ~0u)));
  EXPECT_CODE(Code::CORRUPT, frameAt(with(4, 0u)));  // nothing plain
  EXPECT_CODE(Code::CORRUPT, frameAt(with(4, limits::FRAME_SIZE_MAX + 1)));
  EXPECT_CODE(Code::CORRUPT, frameAt(with(12, std::uint8_t{0})));  // raw, yet shorter
  EXPECT_CODE(Code::CORRUPT, frameAt(with(12, std::uint8_t{2})));  // no such codec
  for (std::size_t at = 13; at < 16; ++at) {
    EXPECT_CODE(Code::CORRUPT, frameAt(with(at, std::uint8_t{1})));
  }
  EXPECT_CODE(Code::CORRUPT, frameAt(good, 699));  // larger than the chunk's frames
  EXPECT_OK(frameAt(good, 700));
}

// A payload that would unpack to more, or less, than the header says: refused, and nothing is
// written behind the buffer (the address sanitizer watches). Zeros, so that the plain checksum of a
// buffer that was not filled to its end would be right.
TEST(FrameTest, BombsAndShortPayloads) {
  constexpr std::uint32_t LENGTH = 100000;
  ByteVector packed(4096);
  auto size = zstdCompress(ByteVector(LENGTH), 1, packed);
  ASSERT_TRUE(size.has_value());
  const auto stored = static_cast<std::uint32_t>(*size);
  const auto frameOf = [&](std::uint32_t claimed) {
    ByteVector bytes(FRAME_HEADER_BYTES + stored);
    std::copy_n(packed.begin(), stored, bytes.begin() + FRAME_HEADER_BYTES);
    encodeFrameHeader({.storedLength = stored,
                       .plainLength = claimed,
                       .sequence = 0,
                       .codec = Codec::ZSTD,
                       .plainCrc = crc32c(ByteVector(claimed))},
                      bytes);
    reseal(bytes);
    return bytes;
  };
  EXPECT_OK(decoded(frameOf(LENGTH)));
  for (std::uint32_t claimed : {stored, 5000u, LENGTH - 1, LENGTH + 1, limits::FRAME_SIZE_MAX}) {
    EXPECT_CODE(Code::CORRUPT, decoded(frameOf(claimed))) << claimed;
  }
}

}  // namespace
}  // namespace cairn::format
