// Protects what stands between plain bytes and stored frames on the client's side: every range
// comes out as it went in, from a reply's frames and from a replica's file, and no damaged byte
// ever does.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "client/core/frame_decoder.h"
#include "client/core/local_replica.h"
#include "client/core/packet_encoder.h"
#include "common/format/chunk_digest.h"
#include "common/format/chunk_header.h"
#include "common/format/chunk_scan.h"
#include "common/format/footer.h"
#include "common/format/frame.h"
#include "common/io/memory_disk.h"
#include "common/io/random.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"

namespace cairn::client {
namespace {

constexpr std::uint32_t FRAME = 512;
constexpr ChunkId CHUNK{4096};

class Frames : public ::testing::Test {
protected:
  EncodedPacket encode(std::string_view plain, PacketPlace place = {},
                       Encoding encoding = {.frameSize = FRAME}) {
    auto packet = encodePacket(*buffers_, encoding, place, asBytes(plain));
    bindTo(CHUNK, packet);
    return packet;
  }
  static FrameRun runOf(const EncodedPacket& packet, std::uint64_t offset = 0) {
    return {.chunk = CHUNK,
            .frames = packet.buffer->bytes().first(packet.bytes),
            .offset = offset,
            .plainLength = packet.plainLength};
  }
  static Result<std::string> decode(const FrameRun& run, std::uint64_t offset, std::size_t size) {
    std::string to(size, '\1');
    ASSIGN(const auto got, decodeRange(run, offset, std::as_writable_bytes(std::span(to))));
    to.resize(got);
    return to;
  }
  // The bytes of a sealed replica's file; `packet` is one of the chunk's.
  ByteVector fileOf(const EncodedPacket& packet, ChunkId chunk = CHUNK) {
    const auto header = format::encodeChunkHeader({.chunk = chunk, .frameSize = FRAME});
    ByteVector file(header.begin(), header.end());
    const auto frames = ByteView(packet.buffer->bytes()).first(packet.bytes);
    file.insert(file.end(), frames.begin(), frames.end());
    format::ChunkScan scan(chunk, FRAME, format::ChunkScan::Depth::PLAIN);
    scan.feed(frames);
    const auto tail =
        format::encodeTail(chunk, scan.index(), scan.digest().plainCrc(), scan.digest().md5());
    file.insert(file.end(), tail.begin(), tail.end());
    return file;
  }
  Result<std::shared_ptr<const LocalReplica>> openFile(const ByteVector& bytes) {
    io::MemoryDisk disk;
    ASSIGN(auto file, disk.open("replica", io::OpenMode::CREATE));
    TRY(file->append(ByteView(bytes)));
    return LocalReplica::open(std::move(file), CHUNK);
  }
  Result<std::string> readSmall(const LocalReplica& replica, std::uint64_t offset,
                                std::size_t size) {
    std::string to(size, '\1');
    ASSIGN(const auto got,
           replica.readSmall(decoded_, *buffers_, offset, std::as_writable_bytes(std::span(to))));
    to.resize(got);
    return to;
  }

  std::shared_ptr<BufferPool> buffers_ = BufferPool::make(1_MiB, 4);
  DecodedFrames decoded_{DecodedFrames::SHARDS * 2 * FRAME};
};

TEST_F(Frames, AnyRangeOfARunComesOut) {
  const auto plain = testkit::sampleText(10'000) + testkit::sampleNoise(3'000);
  const auto packet = encode(plain);
  io::Random random(1);
  for (int i = 0; i < 2000; ++i) {
    const auto offset = random.below(plain.size());
    const auto size = random.below(4000);
    ASSERT_VALUE(const auto got, decode(runOf(packet, 1'000'000), 1'000'000 + offset, size));
    ASSERT_TRUE(got == plain.substr(offset, size)) << offset << ", " << size;
  }
}

// A packet that follows others goes on with their numbers, and its digest joins theirs.
TEST_F(Frames, PacketsContinueTheirChunk) {
  const auto plain = testkit::sampleText(8 * FRAME + 100);
  format::ChunkDigest inPieces;
  inPieces.add(encode(std::string_view(plain).substr(0, 4 * FRAME)).digest);
  const auto second = encode(std::string_view(plain).substr(4 * FRAME),
                             {.firstFrame = 4, .offset = std::uint64_t{4} * FRAME});
  inPieces.add(second.digest);
  format::ChunkDigest whole;
  whole.add(encode(plain).digest);
  EXPECT_EQ(inPieces.plainCrc(), whole.plainCrc());
  EXPECT_EQ(inPieces.md5(), whole.md5());
  EXPECT_EQ(format::frameAt(runOf(second).frames)->header.sequence, 4u);
  EXPECT_EQ(framesOf(second.plainLength, FRAME), 5u);
}

// How each frame of a packet is stored, 'z' or 'r'.
std::string codecsOf(ByteView frames) {
  std::string codecs;
  while (!frames.empty()) {
    const auto frame = format::frameAt(frames).value();
    codecs += frame.header.codec == format::Codec::ZSTD ? 'z' : 'r';
    frames = frames.subspan(frame.bytes.size());
  }
  return codecs;
}

// What only a comparison with bytes far before it would find is found where it begins a packet, or
// follows what paid; behind noise it stays raw.
TEST_F(Frames, WhatLooksLikeNoiseIsTriedOnlyWhereTryingPays) {
  constexpr std::uint32_t LARGE = 16 * 1024;
  const auto noise = testkit::sampleNoise(LARGE);
  const auto text = testkit::sampleText(LARGE);
  std::string twice = testkit::sampleNoise(LARGE / 2, 2);
  twice += twice;
  const auto codecs = [&](const std::string& plain) {
    const auto packet = encode(plain, {}, {.frameSize = LARGE});
    return codecsOf(packet.buffer->bytes().first(packet.bytes));
  };
  EXPECT_EQ(codecs(noise + text + noise + text), "rzrz");
  EXPECT_EQ(codecs(twice + twice + text + twice), "zzzz");
  EXPECT_EQ(codecs(noise + twice + text + twice), "rrzz");
  const auto never = encode(text + text, {}, {.codec = Codec::NONE, .frameSize = LARGE});
  EXPECT_EQ(codecsOf(never.buffer->bytes().first(never.bytes)), "rr");
}

// What is sent is the same, whether large payloads are left where they are or not.
TEST_F(Frames, PayloadsThatStayWhereTheyAreGiveTheSamePacket) {
  constexpr std::uint32_t LARGE = 32 * 1024;
  for (const std::string kinds : {"n", "t", "nt", "tn", "nttnnt", "tnnttn"}) {
    for (const std::size_t rest : {std::size_t{0}, std::size_t{777}, std::size_t{20'000}}) {
      std::string plain;
      for (const char kind : kinds) {
        plain += kind == 'n' ? testkit::sampleNoise(LARGE, plain.size() + 1)
                             : testkit::sampleText(LARGE, plain.size() + 1);
      }
      plain += testkit::sampleNoise(rest);
      auto owner = std::make_shared<Buffer>(plain.size());
      std::ranges::copy(asBytes(plain), owner->bytes().begin());
      const Encoding encoding{.frameSize = LARGE};
      auto packet = encodePacket(*buffers_, encoding, {.firstFrame = 3},
                                 owner->bytes().first(plain.size()), owner);
      bindTo(ChunkId{8192}, packet);
      bindTo(CHUNK, packet);
      ByteVector sent;
      for (const auto& piece : packet.pieces) sent.insert(sent.end(), piece.begin(), piece.end());
      const bool stays = kinds.contains('n') || rest > 16 * 1024;
      EXPECT_EQ(!packet.pieces.empty(), stays);
      EXPECT_EQ(packet.plain, stays ? owner : nullptr);
      if (!stays) sent.assign(packet.buffer->data(), packet.buffer->data() + packet.bytes);
      const auto copied = encode(plain, {.firstFrame = 3}, encoding);
      EXPECT_TRUE(copied.pieces.empty());
      EXPECT_EQ(packet.bytes, copied.bytes);
      EXPECT_TRUE(std::ranges::equal(sent, copied.buffer->bytes().first(copied.bytes)))
          << kinds << ", " << rest;
    }
  }
}

TEST_F(Frames, AnyFlippedBitOfWhatIsUsedIsFound) {
  const auto plain = testkit::sampleText(2000);
  const auto packet = encode(plain);
  auto frames = packet.buffer->bytes().first(packet.bytes);
  for (std::size_t at = 0; at < frames.size(); ++at) {
    frames[at] ^= std::byte{0x04};
    ASSERT_TRUE(testkit::failsWith(decode(runOf(packet), 0, plain.size()), Code::CORRUPT)) << at;
    frames[at] ^= std::byte{0x04};
  }
  EXPECT_TRUE(decode(runOf(packet), 0, plain.size()).value() == plain);
}

// What a datanode says of the frames it sends is not believed.
TEST_F(Frames, ALyingReplyIsDamage) {
  const auto plain = testkit::sampleText(4 * FRAME);
  const auto packet = encode(plain);
  const auto good = runOf(packet, 8 * FRAME);
  // Other bytes than those asked for.
  EXPECT_CODE(Code::CORRUPT, decode(good, 7 * FRAME, 10));
  EXPECT_CODE(Code::CORRUPT, decode(good, 12 * FRAME, 10));
  // More or fewer frames than plain bytes.
  auto run = good;
  run.plainLength = 3 * FRAME;
  EXPECT_CODE(Code::CORRUPT, decode(run, 8 * FRAME, plain.size()));
  run.plainLength = 5 * FRAME;
  EXPECT_CODE(Code::CORRUPT, decode(run, 8 * FRAME, 5 * FRAME));
  run.plainLength = 7 * FRAME / 2;
  EXPECT_CODE(Code::CORRUPT, decode(run, 8 * FRAME, plain.size()));
  // Cut within a frame.
  run = good;
  run.frames = run.frames.first(run.frames.size() - 1);
  EXPECT_CODE(Code::CORRUPT, decode(run, 8 * FRAME, plain.size()));
  // A frame of somewhere else in between.
  const auto other = encode(plain.substr(0, FRAME), {.firstFrame = 7});
  ByteVector mixed(good.frames.begin(), good.frames.end());
  const auto more = runOf(other).frames;
  mixed.insert(mixed.end(), more.begin(), more.end());
  run = good;
  run.frames = mixed;
  run.plainLength += FRAME;
  EXPECT_CODE(Code::CORRUPT, decode(run, 8 * FRAME, 5 * FRAME));
}

TEST_F(Frames, AnyRangeOfAReplicasFileComesOut) {
  const auto plain = testkit::sampleText(20 * FRAME + 3);
  ASSERT_VALUE(auto replica, openFile(fileOf(encode(plain))));
  io::Random random(2);
  for (int i = 0; i < 500; ++i) {
    const auto offset = random.below(plain.size() + 10);
    std::string to(random.below(3000), '\1');
    ASSERT_VALUE(const auto got,
                 replica->read(*buffers_, offset, std::as_writable_bytes(std::span(to))));
    const auto expected =
        offset < plain.size() ? std::string_view(plain).substr(offset, to.size()) : "";
    ASSERT_EQ(got, expected.size());
    ASSERT_TRUE(std::string_view(to).substr(0, got) == expected) << offset;
  }
}

// Whatever byte of a file is changed: opening it or reading it fails, or the bytes are right (the
// header's unused part, another chunk's digest).
TEST_F(Frames, NoFlippedByteOfAFileIsServed) {
  const auto plain = testkit::sampleText(3 * FRAME);
  const auto good = fileOf(encode(plain));
  unsigned served = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    auto bad = good;
    bad[at] ^= std::byte{0x20};
    auto replica = openFile(bad);
    if (!replica.has_value()) continue;
    std::string to(plain.size(), '\1');
    auto got = (*replica)->read(*buffers_, 0, std::as_writable_bytes(std::span(to)));
    if (!got.has_value()) {
      ASSERT_EQ(got.error().code(), Code::CORRUPT) << at;
      continue;
    }
    ++served;
    ASSERT_TRUE(to.substr(0, *got) == plain.substr(0, *got)) << at;
  }
  EXPECT_EQ(served, 0u);
}

// A datanode that answers with another chunk's frames, at the same place, is not believed: neither
// where all are, nor where one is among its own.
TEST_F(Frames, AnotherChunksFramesAreDamage) {
  const auto plain = testkit::sampleText(2 * FRAME) + testkit::sampleNoise(2 * FRAME);
  auto packet = encode(plain);
  EXPECT_TRUE(decode(runOf(packet), 0, plain.size()).value() == plain);
  bindTo(ChunkId{8192}, packet);
  EXPECT_CODE(Code::CORRUPT, decode(runOf(packet), 0, plain.size()));
  bindTo(CHUNK, packet);
  auto rest = packet.buffer->bytes().first(packet.bytes);
  for (std::size_t number = 0; number < 4; ++number) {
    const auto frame = rest.first(format::frameAt(rest)->bytes.size());
    format::rebindFrame(frame, CHUNK, ChunkId{8192});
    EXPECT_CODE(Code::CORRUPT, decode(runOf(packet), 0, plain.size())) << number;
    EXPECT_CODE(Code::CORRUPT, decode(runOf(packet), number * FRAME + 7, 1)) << number;
    format::rebindFrame(frame, ChunkId{8192}, CHUNK);
    rest = rest.subspan(frame.size());
  }
}

// The same of a replica's file: a frame, or all of its end, that another replica's write has hit.
TEST_F(Frames, AnotherChunksFrameInAFileIsDamage) {
  const auto plain = testkit::sampleText(2 * FRAME) + testkit::sampleNoise(2 * FRAME);
  const auto own = encode(plain);
  const auto good = fileOf(own);
  auto others = encode(std::string(plain.rbegin(), plain.rend()));
  bindTo(ChunkId{8192}, others);
  std::size_t at = format::CHUNK_HEADER_BYTES;
  for (std::size_t number = 0; number < 4; ++number) {
    auto bad = good;
    const auto size = format::frameAt(ByteView(good).subspan(at))->bytes.size();
    format::rebindFrame(MutableBytes(bad).subspan(at), CHUNK, ChunkId{8192});
    ASSERT_VALUE(auto replica, openFile(bad));
    std::string to(plain.size(), '\1');
    EXPECT_CODE(Code::CORRUPT, replica->read(*buffers_, 0, std::as_writable_bytes(std::span(to))));
    for (std::size_t offset = 0; offset < plain.size(); offset += FRAME) {
      const auto got = readSmall(*replica, offset, 10);
      if (offset == number * FRAME) {
        EXPECT_CODE(Code::CORRUPT, got) << number;
      } else {
        EXPECT_EQ(got.value(), plain.substr(offset, 10)) << number;
      }
    }
    at += size;
  }
  auto bad = good;
  const auto other = fileOf(others, ChunkId{8192});
  std::copy_n(other.end() - format::TRAILER_BYTES, format::TRAILER_BYTES,
              bad.end() - format::TRAILER_BYTES);
  EXPECT_CODE(Code::CORRUPT, openFile(bad));
}

TEST_F(Frames, AFileOfAnotherChunkOrCutIsRefused) {
  auto packet = encode(testkit::sampleText(1000));
  bindTo(ChunkId{8192}, packet);
  EXPECT_CODE(Code::CORRUPT, openFile(fileOf(packet, ChunkId{8192})));
  bindTo(CHUNK, packet);
  auto file = fileOf(packet);
  for (const auto size : {std::size_t{0}, std::size_t{63}, std::size_t{127}, file.size() - 1}) {
    EXPECT_CODE(Code::CORRUPT, openFile(ByteVector(file.begin(), file.begin() + size)));
  }
}

// Protects positional reads: from packed frames, kept and not kept, and from raw ones, looked at as
// a whole and not.
TEST_F(Frames, AnySmallRangeOfAReplicasFileComesOut) {
  const auto plain = testkit::sampleText(60 * FRAME) + testkit::sampleNoise(30 * FRAME + 3);
  ASSERT_VALUE(auto replica, openFile(fileOf(encode(plain))));
  io::Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    const auto offset = random.below(plain.size() + 10);
    const auto size = random.below(2 * FRAME);
    ASSERT_VALUE(const auto got, readSmall(*replica, offset, size));
    ASSERT_TRUE(got == (offset < plain.size() ? plain.substr(offset, size) : ""))
        << offset << ", " << size;
    ASSERT_LE(decoded_.bytes(), DecodedFrames::SHARDS * 2 * FRAME);
  }
  EXPECT_GT(decoded_.bytes(), DecodedFrames::SHARDS * FRAME / 2) << "hardly anything is kept";
}

// The same protection for positional reads, with frames of both codecs: a range of a frame is not
// served unless all of the frame was found good.
TEST_F(Frames, NoFlippedByteOfAFileIsServedByPositionalReads) {
  const auto plain = testkit::sampleText(2 * FRAME) + testkit::sampleNoise(2 * FRAME);
  const auto good = fileOf(encode(plain));
  unsigned refused = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    auto bad = good;
    bad[at] ^= std::byte{0x20};
    auto replica = openFile(bad);
    if (!replica.has_value()) continue;
    for (int again = 0; again < 2; ++again) {
      for (std::size_t offset = 0; offset < plain.size(); offset += FRAME / 4) {
        auto got = readSmall(**replica, offset, FRAME / 4);
        if (!got.has_value()) {
          ++refused;
          ASSERT_EQ(got.error().code(), Code::CORRUPT) << at;
        } else {
          ASSERT_TRUE(*got == plain.substr(offset, FRAME / 4)) << at << ", " << offset;
        }
      }
    }
  }
  EXPECT_GT(refused, 2 * FRAME) << "damage in raw frames has to show, too";
}

// What rots behind a look at the whole raw frame is found by the next one, which is not far.
TEST_F(Frames, ARawFrameIsLookedAtAgain) {
  const auto plain = testkit::sampleNoise(FRAME);
  io::MemoryDisk disk;
  ASSERT_VALUE(auto file, disk.open("replica", io::OpenMode::CREATE));
  const auto bytes = fileOf(encode(plain));
  ASSERT_OK(file->append(ByteView(bytes)));
  ASSERT_VALUE(auto reading, disk.open("replica", io::OpenMode::READ));
  ASSERT_VALUE(auto replica, LocalReplica::open(std::move(reading), CHUNK));
  EXPECT_TRUE(readSmall(*replica, 0, 10).value() == plain.substr(0, 10));
  const std::byte rot{static_cast<std::byte>(~plain[100])};
  ASSERT_OK(file->writeAt(format::CHUNK_HEADER_BYTES + format::FRAME_HEADER_BYTES + 100,
                          ByteView(&rot, 1)));
  unsigned reads = 0;
  while (reads <= LocalReplica::RAW_READS_MAX && readSmall(*replica, 0, 10).has_value()) ++reads;
  EXPECT_EQ(reads, LocalReplica::RAW_READS_MAX);
  EXPECT_CODE(Code::CORRUPT, readSmall(*replica, 0, 10));
}

}  // namespace
}  // namespace cairn::client
