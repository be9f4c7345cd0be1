// A segment of a map's output with any content, as a reduce gets it from another node.
//
// First byte: bit 0 repairs the blocks' checksums, as a hostile map would. Second: records that the
// index promises. Third and fourth: plain bytes that it promises.
#include <cstdint>
#include <cstdlib>

#include "common/format/crc32c.h"
#include "mapreduce/shuffle/block_format.h"
#include "mapreduce/shuffle/segment_cursor.h"

namespace cairn::mr {
namespace {

void repair(ByteVector& segment) {
  for (std::size_t at = 0; segment.size() - at >= BLOCK_HEADER_BYTES;) {
    auto header = loadBlockHeader(segment.data() + at);
    const auto rest = ByteView(segment).subspan(at);
    if (header.storedBytes > rest.size() - BLOCK_HEADER_BYTES) return;
    header.crc32c = format::crc32c(rest.subspan(BLOCK_HEADER_BYTES, header.storedBytes),
                                   format::crc32c(rest.first(BLOCK_HEADER_CHECKED_BYTES)));
    storeBlockHeader(header, segment.data() + at);
    at += BLOCK_HEADER_BYTES + header.storedBytes;
  }
}

void read(ByteView segment, const SegmentPlace& place) {
  SegmentCursor cursor(segment, place);
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::uint64_t lineEnds = 0;
  while (cursor.next()) {
    ++records;
    bytes += cursor.key().size() + cursor.value().size();
    // Reads every byte that is given out.
    for (const char c : cursor.key()) lineEnds += c == '\n' ? 1 : 0;
    for (const char c : cursor.value()) lineEnds += c == '\n' ? 1 : 0;
  }
  if (bytes > place.plainBytes || lineEnds > bytes) std::abort();
  // An end without an error means that the index was kept to.
  if (!cursor.failure() && records != place.records) std::abort();
  if (cursor.next()) std::abort();
  (void)checkSegment(segment, place);
}

}  // namespace
}  // namespace cairn::mr

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn;
  constexpr std::size_t CONTROL_BYTES = 4;
  if (size < CONTROL_BYTES) return 0;
  const auto* const bytes = reinterpret_cast<const std::byte*>(data);
  ByteVector segment(bytes + CONTROL_BYTES, bytes + size);
  if ((data[0] & 1) != 0) mr::repair(segment);
  mr::SegmentPlace place;
  place.lengthBytes = segment.size();
  place.records = data[1];
  place.plainBytes = loadLittle<std::uint16_t>(data + 2);
  mr::read(segment, place);
  return 0;
}
