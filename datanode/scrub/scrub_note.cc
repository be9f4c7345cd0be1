#include "datanode/scrub/scrub_note.h"

#include "common/base/bytes.h"
#include "common/format/crc32c.h"
#include "datanode/store/note_text.h"

namespace cairn::dn {
namespace {

constexpr std::string_view MAGIC = "cairn-datanode-scrub";
constexpr unsigned VERSION = 1;

template <typename T>
Result<T> takeNumber(std::string_view& text, std::string_view key) {
  ASSIGN(const auto value, takeLine(text, key));
  return parseNumber<T>(value);
}

}  // namespace

std::string encode(const ScrubNote& note) {
  std::string text(MAGIC);
  const auto line = [&text](std::string_view key, auto value) {
    text += key;
    text += ' ' + std::to_string(value) + '\n';
  };
  line("", VERSION);
  line("noted", note.notedMs);
  line("age", note.ageMs);
  line("last", note.last.value);
  line("chunk", note.cursor.chunk.value);
  line("generation", note.cursor.generation.value);
  line("replicas", note.replicas);
  line("bytes", note.bytes);
  return withSum(std::move(text));
}

Result<ScrubNote> decodeScrubNote(std::string_view text) {
  const auto whole = text;
  TRY(takeVersion(text, MAGIC, VERSION));
  ScrubNote note;
  ASSIGN(note.notedMs, takeNumber<std::int64_t>(text, "noted"));
  ASSIGN(note.ageMs, takeNumber<std::int64_t>(text, "age"));
  ASSIGN(note.last.value, takeNumber<std::uint64_t>(text, "last"));
  ASSIGN(note.cursor.chunk.value, takeNumber<std::uint64_t>(text, "chunk"));
  ASSIGN(note.cursor.generation.value, takeNumber<std::uint64_t>(text, "generation"));
  ASSIGN(note.replicas, takeNumber<std::uint64_t>(text, "replicas"));
  ASSIGN(note.bytes, takeNumber<std::uint64_t>(text, "bytes"));
  const auto summed = whole.substr(0, whole.size() - text.size());
  ASSIGN(const auto sum, takeNumber<std::uint32_t>(text, "sum"));
  if (sum != format::crc32c(asBytes(summed)) || encode(note) != whole) {
    return fail(Code::CORRUPT, "its sum is wrong, or it has a tail");
  }
  return note;
}

}  // namespace cairn::dn
