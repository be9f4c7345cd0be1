#include "namenode/meta/group_record.h"

#include <algorithm>
#include <cstring>

#include "common/format/crc32c.h"

namespace cairn::nn {
namespace {

constexpr std::string_view SEGMENT_MAGIC = "CairnLog";
constexpr std::uint32_t RECORD_MAGIC = 0x70724743;  // "CGrp"
constexpr std::size_t ROW_HEAD_BYTES = 8;

enum class Op : std::uint8_t { PUT = 0, DELETE = 1 };

template <typename T>
void append(std::string& to, T value) {
  char bytes[sizeof(T)];
  storeLittle(bytes, value);
  to.append(bytes, sizeof bytes);
}

bool isZero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

// Numbers that counting from 1 leads to: no sum of them and what follows wraps around.
bool isPlausible(const SegmentHead& head) {
  constexpr std::uint64_t NUMBER_MAX = std::uint64_t{1} << 62;
  return head.replayFrom >= 1 && head.replayFrom <= head.sequence && head.sequence < NUMBER_MAX &&
         head.first.value >= 1 && head.first.value < NUMBER_MAX;
}

std::optional<SegmentHead> decodeHead(ByteView bytes, bool& newer) {
  const auto* at = bytes.data();
  if (std::memcmp(at, SEGMENT_MAGIC.data(), SEGMENT_MAGIC.size()) != 0) return std::nullopt;
  if (loadLittle<std::uint32_t>(at + 64) != format::crc32c(bytes.first(64))) return std::nullopt;
  if (loadLittle<std::uint32_t>(at + 8) != LOG_VERSION) {
    newer = true;
    return std::nullopt;
  }
  SegmentHead head;
  std::copy_n(at + 16, 16, reinterpret_cast<std::byte*>(head.cluster.bytes.data()));
  head.sequence = loadLittle<std::uint64_t>(at + 32);
  head.mark = loadLittle<std::uint64_t>(at + 40);
  head.first = TxId(loadLittle<std::uint64_t>(at + 48));
  head.replayFrom = loadLittle<std::uint64_t>(at + 56);
  if (!isPlausible(head)) return std::nullopt;
  return head;
}

std::unexpected<Status> damaged(const char* what) {
  return fail(Code::CORRUPT, std::string("a group in the namenode's log is damaged: ") + what);
}

}  // namespace

std::string encodeSegmentPage(const SegmentHead& head) {
  std::string text(SEGMENT_MAGIC);
  append<std::uint32_t>(text, LOG_VERSION);
  append<std::uint32_t>(text, 0);
  text.append(reinterpret_cast<const char*>(head.cluster.bytes.data()), head.cluster.bytes.size());
  append(text, head.sequence);
  append(text, head.mark);
  append(text, head.first.value);
  append(text, head.replayFrom);
  append(text, format::crc32c(asBytes(text)));
  append<std::uint32_t>(text, 0);
  std::string page = text;
  page.resize(SEGMENT_SECOND_HEAD);
  page += text;
  page.resize(SEGMENT_PAGE_BYTES);
  return page;
}

Result<std::optional<SegmentHead>> decodeSegmentPage(ByteView page) {
  bool newer = false;
  bool blank = true;
  std::optional<SegmentHead> newest;
  for (const std::size_t offset : {std::size_t{0}, SEGMENT_SECOND_HEAD}) {
    if (page.size() < offset + SEGMENT_HEAD_BYTES) continue;
    const auto bytes = page.subspan(offset, SEGMENT_HEAD_BYTES);
    blank = blank && isZero(bytes);
    const auto head = decodeHead(bytes, newer);
    // Where a torn write has left both the old and the new one, the new one is meant.
    if (head.has_value() && (!newest.has_value() || head->sequence > newest->sequence)) {
      newest = head;
    }
  }
  if (newer) {
    return fail(Code::UNSUPPORTED_VERSION,
                "it was written by a newer program; use that, or a newer one");
  }
  if (!newest.has_value() && !blank) return fail(Code::CORRUPT, "its head is damaged");
  return newest;
}

void encodeRecordHead(const RecordHead& head, char* to) {
  storeLittle(to, RECORD_MAGIC);
  storeLittle(to + 4, head.length);
  storeLittle(to + 8, head.txid.value);
  storeLittle(to + 16, head.mark);
  storeLittle(to + 24, head.payloadCrc);
  storeLittle(to + 28, format::crc32c(asBytes({to, 28})));
}

std::optional<RecordHead> decodeRecordHead(ByteView bytes) {
  const auto* at = bytes.data();
  if (loadLittle<std::uint32_t>(at) != RECORD_MAGIC) return std::nullopt;
  if (loadLittle<std::uint32_t>(at + 28) != format::crc32c(bytes.first(28))) return std::nullopt;
  RecordHead head{.length = loadLittle<std::uint32_t>(at + 4),
                  .txid = TxId(loadLittle<std::uint64_t>(at + 8)),
                  .mark = loadLittle<std::uint64_t>(at + 16),
                  .payloadCrc = loadLittle<std::uint32_t>(at + 24)};
  if (head.length > GROUP_BYTES_MAX) return std::nullopt;
  return head;
}

std::optional<FoundRecord> recordAt(ByteView segment, std::uint64_t offset, std::uint64_t mark) {
  if (offset + RECORD_HEAD_BYTES > segment.size()) return std::nullopt;
  const auto head = decodeRecordHead(segment.subspan(offset, RECORD_HEAD_BYTES));
  if (!head.has_value() || head->mark != mark) return std::nullopt;
  const std::uint64_t begin = offset + RECORD_HEAD_BYTES;
  if (head->length > segment.size() - begin) return std::nullopt;
  const auto payload = segment.subspan(begin, head->length);
  if (format::crc32c(payload) != head->payloadCrc) return std::nullopt;
  return FoundRecord{head->txid, payload, offset + recordBytes(head->length)};
}

std::optional<TxId> laterRecord(ByteView segment, std::uint64_t offset, std::uint64_t mark,
                                TxId above) {
  for (; offset + RECORD_HEAD_BYTES <= segment.size(); offset += RECORD_ALIGNMENT) {
    if (loadLittle<std::uint32_t>(segment.data() + offset) != RECORD_MAGIC) continue;
    const auto head = decodeRecordHead(segment.subspan(offset, RECORD_HEAD_BYTES));
    if (head.has_value() && head->mark == mark && head->txid > above) return head->txid;
  }
  return std::nullopt;
}

void encodeGroup(const record::Group& head, const Overlay& changes, const Overlay& derived,
                 std::string& to) {
  to.clear();
  to.reserve(changes.bytes() + derived.bytes() +
             ROW_HEAD_BYTES * (changes.rowCount() + derived.rowCount()) + 128);
  append(to, static_cast<std::uint32_t>(head.ByteSizeLong()));
  head.AppendToString(&to);
  for (const Overlay* const rows : {&changes, &derived}) {
    for (const Table table : TABLES) {
      for (const auto& [key, row] : rows->rows(table)) {
        char begin[ROW_HEAD_BYTES];
        begin[0] = static_cast<char>(table);
        begin[1] = static_cast<char>(row.value.has_value() ? Op::PUT : Op::DELETE);
        storeLittle(begin + 2, static_cast<std::uint16_t>(key.size()));
        storeLittle(begin + 4,
                    static_cast<std::uint32_t>(row.value.has_value() ? row.value->size() : 0));
        to.append(begin, sizeof begin);
        to += key;
        if (row.value.has_value()) to += *row.value;
      }
    }
  }
}

Result<record::Group> decodeGroup(ByteView payload,
                                  const std::function<Result<void>(const GroupRow&)>& visit) {
  std::string_view rest = asText(payload);
  if (rest.size() < 4) return damaged("it is too short");
  const auto headBytes = loadLittle<std::uint32_t>(rest.data());
  rest.remove_prefix(4);
  if (headBytes > rest.size()) return damaged("its head is longer than all of it");
  record::Group head;
  if (!head.ParseFromArray(rest.data(), static_cast<int>(headBytes))) {
    return damaged("its head does not parse");
  }
  rest.remove_prefix(headBytes);
  while (!rest.empty()) {
    if (rest.size() < ROW_HEAD_BYTES) return damaged("a row is cut off");
    const auto table = static_cast<std::uint8_t>(rest[0]);
    const auto op = static_cast<std::uint8_t>(rest[1]);
    const auto keyBytes = loadLittle<std::uint16_t>(rest.data() + 2);
    const auto valueBytes = loadLittle<std::uint32_t>(rest.data() + 4);
    rest.remove_prefix(ROW_HEAD_BYTES);
    if (table >= TABLE_COUNT) return damaged("it names a table that does not exist");
    if (op > static_cast<std::uint8_t>(Op::DELETE))
      return damaged("a row is neither put nor delete");
    if (std::uint64_t{keyBytes} + valueBytes > rest.size()) return damaged("a row is cut off");
    GroupRow row{.table = static_cast<Table>(table), .key = rest.substr(0, keyBytes), .value = {}};
    if (op == static_cast<std::uint8_t>(Op::PUT)) row.value = rest.substr(keyBytes, valueBytes);
    TRY(visit(row));
    rest.remove_prefix(std::size_t{keyBytes} + valueBytes);
  }
  return head;
}

}  // namespace cairn::nn
