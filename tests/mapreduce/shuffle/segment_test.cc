#include <gtest/gtest.h>

#include <cstring>

#include "common/format/crc32c.h"
#include "common/io/random.h"
#include "mapreduce/shuffle/segment_cursor.h"
#include "mapreduce/shuffle/segment_writer.h"
#include "tests/mapreduce/shuffle/fixture.h"

namespace cairn::mr {
namespace {

struct Written {
  std::string bytes;  // of the file
  MapOutputIndex index;
  ByteView segment(std::uint32_t partition) const {
    const auto& place = index.partitions[partition];
    return asBytes(bytes).subspan(place.offset, place.lengthBytes);
  }
};

Written write(const std::vector<std::pair<std::uint32_t, Pair>>& records, std::uint32_t partitions,
              Compression compression) {
  const testkit::ScratchDir scratch;
  auto writer = SegmentWriter::create(scratch / "f", partitions, compression);
  EXPECT_OK(writer);
  std::optional<std::uint32_t> current;
  for (const auto& [partition, record] : records) {
    if (current != partition) (*writer)->beginPartition(partition);
    current = partition;
    (*writer)->add(record.first, record.second);
  }
  auto index = (*writer)->close();
  EXPECT_OK(index);
  return {testkit::readFile(scratch / "f"), *index};
}

std::vector<Pair> samples(io::Random& random, std::size_t count) {
  std::vector<Pair> records;
  for (std::size_t i = 0; i < count; ++i) {
    records.emplace_back("key" + std::to_string(i), std::string(random.below(300), 'v'));
  }
  return records;
}

// What is written is read back: empty keys and values, records larger than a block, partitions
// without records, with and without compression, from memory and from a file.
TEST(SegmentTest, RoundTrip) {
  io::Random random(1);
  auto many = samples(random, 5000);
  many.emplace_back("large", std::string(3 * BLOCK_PLAIN_BYTES, 'l'));
  many.emplace_back(std::string(2 * BLOCK_PLAIN_BYTES, 'k'), "");
  many.emplace_back("", "");
  std::vector<std::pair<std::uint32_t, Pair>> records{{1, {"", ""}}, {1, {"a", ""}}};
  for (const auto& record : many) records.emplace_back(3, record);
  for (const auto compression : {Compression::NONE, Compression::ZSTD}) {
    const auto written = write(records, 5, compression);
    EXPECT_EQ(written.bytes.size(), written.index.fileBytes);
    for (const std::uint32_t empty : {0, 2, 4}) {
      EXPECT_EQ(SegmentPlace{}.lengthBytes, written.index.partitions[empty].lengthBytes);
    }
    EXPECT_EQ(many.size(), written.index.partitions[3].records);
    const testkit::ScratchDir scratch;
    testkit::writeFile(scratch / "f", written.bytes);
    ASSERT_VALUE(const auto fd, openLocalFile(scratch / "f"));
    for (const std::uint32_t partition : {1, 3}) {
      std::vector<Pair> expected;
      for (const auto& [p, record] : records) {
        if (p == partition) expected.push_back(record);
      }
      const auto& place = written.index.partitions[partition];
      SegmentCursor memory(written.segment(partition), place);
      ASSERT_VALUE(const auto fromMemory, drain(memory));
      EXPECT_TRUE(expected == fromMemory);
      SegmentCursor file(fd.get(), place);
      ASSERT_VALUE(const auto fromFile, drain(file));
      EXPECT_TRUE(expected == fromFile);
      EXPECT_OK(checkSegment(written.segment(partition), place));
      EXPECT_OK(checkSegment(fd.get(), place));
    }
    if (compression == Compression::ZSTD) {
      EXPECT_LT(written.index.fileBytes * 3, written.index.partitions[3].plainBytes);
    }
  }
}

// A flipped bit anywhere in a segment: the segment's checksum sees it before anything is used, and
// a cursor never gives more than the records before it, nor reads outside.
TEST(SegmentTest, EveryFlippedBitIsDetected) {
  io::Random random(2);
  for (const auto compression : {Compression::NONE, Compression::ZSTD}) {
    std::vector<std::pair<std::uint32_t, Pair>> records;
    for (const auto& record : samples(random, 3)) records.emplace_back(0, record);
    const auto written = write(records, 1, compression);
    const auto& place = written.index.partitions[0];
    for (std::size_t i = 0; i < written.bytes.size(); ++i) {
      std::string damaged = written.bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << random.below(8)));
      EXPECT_CODE(Code::CORRUPT, checkSegment(asBytes(damaged), place)) << "byte " << i;
      SegmentCursor cursor(asBytes(damaged), place);
      EXPECT_CODE(Code::CORRUPT, drain(cursor)) << "byte " << i;
    }
  }
}

// Cut short anywhere: an error, never an early end that would lose records unseen.
TEST(SegmentTest, EveryTruncationIsDetected) {
  io::Random random(3);
  std::vector<std::pair<std::uint32_t, Pair>> records;
  for (const auto& record : samples(random, 4)) records.emplace_back(0, record);
  const auto written = write(records, 1, Compression::NONE);
  const auto& place = written.index.partitions[0];
  const testkit::ScratchDir scratch;
  for (std::size_t size = 0; size < written.bytes.size(); ++size) {
    const std::string cut = written.bytes.substr(0, size);
    EXPECT_CODE(Code::CORRUPT, checkSegment(asBytes(cut), place));
    SegmentCursor memory(asBytes(cut), place);
    EXPECT_CODE(Code::CORRUPT, drain(memory)) << size;
  }
  testkit::writeFile(scratch / "f", written.bytes.substr(0, written.bytes.size() - 1));
  ASSERT_VALUE(const auto fd, openLocalFile(scratch / "f"));
  EXPECT_CODE(Code::CORRUPT, checkSegment(fd.get(), place));
  SegmentCursor file(fd.get(), place);
  EXPECT_CODE(Code::CORRUPT, drain(file));
}

// Bytes that carry the right checksums but make no sense (a peer's bug, or malice) end in an error.
TEST(SegmentTest, HostileBlocksAreRefused) {
  io::Random random(4);
  std::vector<std::pair<std::uint32_t, Pair>> records{{0, {"key", "value"}}};
  const auto written = write(records, 1, Compression::NONE);
  for (int round = 0; round < 2000; ++round) {
    std::string hostile = written.bytes;
    for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
      hostile[random.below(hostile.size())] = static_cast<char>(random.below(256));
    }
    auto* const bytes = reinterpret_cast<std::byte*>(hostile.data());
    // Make the block's checksum right again, so that the lengths themselves are judged.
    auto header = loadBlockHeader(bytes);
    header.crc32c =
        format::crc32c(asBytes(hostile).subspan(BLOCK_HEADER_BYTES),
                       format::crc32c(asBytes(hostile).first(BLOCK_HEADER_CHECKED_BYTES)));
    storeBlockHeader(header, bytes);
    auto place = written.index.partitions[0];
    place.records = random.below(3);
    SegmentCursor cursor(asBytes(hostile), place);
    (void)drain(cursor);  // ends, and a sanitizer has nothing to say
  }
}

// A full disk is an error of the task, with its reason, and no crash.
TEST(SegmentTest, AFullDiskIsReported) {
  auto writer = SegmentWriter::create("/dev/full", 1, Compression::NONE);
  ASSERT_OK(writer);
  (*writer)->beginPartition(0);
  (*writer)->add("key", std::string(2 * BLOCK_PLAIN_BYTES, 'v'));
  EXPECT_TRUE((*writer)->failed());
  EXPECT_CODE(Code::DISK_FULL, (*writer)->close());
}

}  // namespace
}  // namespace cairn::mr
