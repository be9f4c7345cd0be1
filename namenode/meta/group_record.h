// The bytes of groups of changes and of the log's segments that hold them (group_log.h).
// Layer: meta (pure).  All integers are little endian; CRC32C throughout.
//
// A segment is a file: a head page of 4096 bytes, then records one behind the other, each at a
// multiple of 8. The head stands in it twice, at 0 and at 2048: it is overwritten when the file is
// used again, and a torn write leaves one of them whole.
//
//   head  offset size                             record  offset size
//              0    8  magic "CairnLog"                        0    4  magic "CGrp"
//              8    4  version, 1                              4    4  length of the payload
//             12    4  zero                                    8    8  txid
//             16   16  cluster                                16    8  mark of the segment
//             32    8  sequence number                        24    4  CRC of the payload
//             40    8  mark                                   28    4  CRC of bytes 0 to 27
//             48    8  txid of the first record               32       payload, then zeros to a
//             56    8  sequence to replay from                         multiple of 8
//             64    4  CRC of bytes 0 to 63
//             68    4  zero
//
// The mark tells a segment's own records from older ones in the same file, and from bytes that a
// user has written into a name or an attribute: it is not known outside the namenode.
//
//   payload: length of the group's head (4), the head (record::Group), then rows:
//            table (1), 0 put or 1 delete (1), key length (2), value length (4), key, value
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/schema/namenode.pb.h"
#include "namenode/meta/overlay.h"
#include "namenode/meta/table.h"

namespace cairn::nn {

// --- Segments ---

inline constexpr std::uint32_t LOG_VERSION = 1;
inline constexpr std::size_t SEGMENT_PAGE_BYTES = 4096;
inline constexpr std::size_t SEGMENT_HEAD_BYTES = 72;
inline constexpr std::size_t SEGMENT_SECOND_HEAD = 2048;
inline constexpr std::size_t RECORD_HEAD_BYTES = 32;
inline constexpr std::size_t RECORD_ALIGNMENT = 8;
// A group is refused long before (PENDING_BYTES_MAX); a longer one on disk is damage.
inline constexpr std::uint32_t GROUP_BYTES_MAX = 1u << 30;

struct SegmentHead {
  ClusterId cluster;
  std::uint64_t sequence = 0;  // from 1, without gaps
  std::uint64_t mark = 0;
  TxId first;                    // of the first record, be it there or not
  std::uint64_t replayFrom = 0;  // the oldest segment that was needed when this one was begun
};

// The whole head page.
std::string encodeSegmentPage(const SegmentHead& head);
// Nothing for a page that was never written (all of both heads zero). CORRUPT when neither head is
// whole and has numbers that can be; UNSUPPORTED_VERSION.
Result<std::optional<SegmentHead>> decodeSegmentPage(ByteView page);

struct RecordHead {
  std::uint32_t length = 0;  // of the payload
  TxId txid;
  std::uint64_t mark = 0;
  std::uint32_t payloadCrc = 0;
};

void encodeRecordHead(const RecordHead& head, char* to);
// Nothing for bytes that are no head. REQUIRES: RECORD_HEAD_BYTES.
std::optional<RecordHead> decodeRecordHead(ByteView bytes);
// Of a record with its head and what fills it up.
constexpr std::uint64_t recordBytes(std::uint64_t payloadLength) {
  return (RECORD_HEAD_BYTES + payloadLength + RECORD_ALIGNMENT - 1) / RECORD_ALIGNMENT *
         RECORD_ALIGNMENT;
}

// One whole record of a segment's bytes.
struct FoundRecord {
  TxId txid;
  ByteView payload;
  std::uint64_t end = 0;  // offset of what follows
};
// The record with this mark at `offset`, when it is there whole.
std::optional<FoundRecord> recordAt(ByteView segment, std::uint64_t offset, std::uint64_t mark);
// The first record head with this mark and a txid above `above` behind `offset`: there was a whole
// record once, and what is before it is damaged. O(bytes).
std::optional<TxId> laterRecord(ByteView segment, std::uint64_t offset, std::uint64_t mark,
                                TxId above);

// --- Groups ---

// Replaces `to`. The rows of `changes`, then those of `derived`. REQUIRES: keys below 64 KiB.
void encodeGroup(const record::Group& head, const Overlay& changes, const Overlay& derived,
                 std::string& to);

struct GroupRow {
  Table table = Table::DIRENT;
  std::string_view key;
  std::optional<std::string_view> value;  // nothing: removed
};
// The group's head; `visit` gets each row in order, in the memory of `payload`. CORRUPT, perhaps
// after some rows; or the first error of `visit`.
Result<record::Group> decodeGroup(ByteView payload,
                                  const std::function<Result<void>(const GroupRow&)>& visit);

}  // namespace cairn::nn
