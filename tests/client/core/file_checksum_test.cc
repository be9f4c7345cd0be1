// Protects: `checksum` tells HDFS's value: tools compare files of both systems by it. The
// expectations were captured from HDFS 3.4.
#include "client/core/file_checksum.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/format/crc32c.h"

namespace cairn::client {
namespace {

// What a datanode tells of a chunk: MD5 over the CRC32Cs, high byte first, of each 512 bytes.
format::Md5 sumOf(std::string_view chunk) {
  format::Md5Sum sum;
  for (std::size_t at = 0; at < chunk.size(); at += 512) {
    const auto crc = format::crc32c(asBytes(chunk.substr(at, 512)));
    const std::array bytes = {std::byte(crc >> 24), std::byte(crc >> 16), std::byte(crc >> 8),
                              std::byte(crc)};
    sum.add(bytes);
  }
  return sum.sum();
}

TEST(FileChecksum, OfNothing) {
  const auto checksum = combineChecksums({}, 0);
  EXPECT_EQ(checksum.algorithm(), "MD5-of-0MD5-of-0CRC32");
  EXPECT_EQ(checksum.md5, "70bc8f4b72a86921468bf8e8441dce51");
}

TEST(FileChecksum, OfOneChunk) {
  const std::vector sums = {sumOf("hello\n")};
  const auto checksum = combineChecksums(sums, 6);
  EXPECT_EQ(checksum.algorithm(), "MD5-of-0MD5-of-512CRC32C");
  EXPECT_EQ(checksum.md5, "2b559725e23eb93541b0675b41e25ab3");
  const std::vector five = {sumOf(std::string(5000, '0'))};
  EXPECT_EQ(combineChecksums(five, 5000).md5, "2941eb4ee5cf5d475c848a4ced88bde1");
}

// Three files of 5000 bytes in chunks of 1024, joined: 15 chunks.
TEST(FileChecksum, OfManyChunks) {
  std::vector<format::Md5> sums;
  for (int file = 0; file < 3; ++file) {
    for (int chunk = 0; chunk < 4; ++chunk) sums.push_back(sumOf(std::string(1024, '0')));
    sums.push_back(sumOf(std::string(904, '0')));
  }
  const auto checksum = combineChecksums(sums, 1024);
  EXPECT_EQ(checksum.algorithm(), "MD5-of-2MD5-of-512CRC32C");
  EXPECT_EQ(checksum.crcsPerChunk, 2u);
  EXPECT_EQ(checksum.md5, "a936aa8ebc17da0c4d4cab2fb1c13dde");
}

}  // namespace
}  // namespace cairn::client
