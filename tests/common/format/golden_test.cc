// Files of every version of the format ever released stay readable, and what this program writes is
// what FORMAT.md says: the files were made by tests/golden/format/make_golden.py, which was written
// from FORMAT.md and shares no code with common/format.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "common/format/chunk_scan.h"
#include "tests/common/format/sample_chunk.h"
#include "tests/testkit/results.h"

namespace cairn::format {
namespace {

ByteVector golden(const std::string& name) {
  std::ifstream in(std::string(CAIRN_GOLDEN_DIR) + "/format/" + name, std::ios::binary);
  EXPECT_TRUE(in.good()) << name;
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  auto bytes = asBytes(text);
  return {bytes.begin(), bytes.end()};
}

// What the golden files hold: five frames, with a flush and a single byte among them.
SampleChunk goldenChunk(Codec codec) {
  SampleChunk chunk(4096, codec);
  chunk.frame(textBytes(4096)).frame(noiseBytes(4096)).frame(textBytes(1000)).frame(asBytes("x"));
  chunk.frame(noiseBytes(300, 2));
  return chunk;
}

TEST(GoldenTest, RawChunkIsWrittenByteForByte) {
  auto chunk = goldenChunk(Codec::RAW).seal();
  auto file = golden("raw_v1.chunk");
  EXPECT_EQ(file, chunk.file);
  ASSERT_VALUE(auto plain, readWholeChunk(file));
  EXPECT_EQ(chunk.plain, plain);
}

// zstd's output may change with its version; what it once wrote stays readable.
TEST(GoldenTest, ZstdChunkIsRead) {
  auto chunk = goldenChunk(Codec::ZSTD);
  auto file = golden("zstd_v1.chunk");
  ASSERT_VALUE(auto header, decodeChunkHeader(file));
  EXPECT_EQ(chunk.header, header);
  ASSERT_VALUE(auto plain, readWholeChunk(file));
  EXPECT_EQ(chunk.plain, plain);
}

TEST(GoldenTest, EmptyChunk) {
  EXPECT_EQ(golden("empty_v1.chunk"), SampleChunk(4096, Codec::RAW).seal().file);
}

// A writer that crashed in its fourth frame.
TEST(GoldenTest, UnfinishedChunkIsRecovered) {
  auto file = golden("unfinished_v1.chunk");
  ASSERT_VALUE(auto header, decodeChunkHeader(file));
  ChunkScan scan(header.chunk, header.frameSize, ChunkScan::Depth::PLAIN);
  scan.feed(ByteView(file).subspan(CHUNK_HEADER_BYTES));
  EXPECT_FALSE(scan.stopped());
  EXPECT_EQ(3u, scan.index().frameCount());
  EXPECT_EQ(4096u + 4096 + 1000, scan.index().plainLength());
  EXPECT_EQ(file.size() - scan.index().framesEnd(), scan.pendingBytes());
}

TEST(GoldenTest, NewerVersionIsRefused) {
  EXPECT_CODE(Code::UNSUPPORTED_VERSION, readWholeChunk(golden("newer_v2.chunk")));
}

}  // namespace
}  // namespace cairn::format
