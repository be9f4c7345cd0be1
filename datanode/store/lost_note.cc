#include "datanode/store/lost_note.h"

#include <iterator>

#include "datanode/store/note_text.h"

namespace cairn::dn {
namespace {

constexpr std::string_view MAGIC = "cairn-datanode-lost";
constexpr std::string_view REPLICA = "replica";
constexpr unsigned VERSION = 1;

// Takes what is in front of the next space.
Result<std::string_view> takeWord(std::string_view& text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos) {
    return fail(Code::CORRUPT, "a replica has two numbers and a volume");
  }
  const auto word = text.substr(0, space);
  text.remove_prefix(space + 1);
  return word;
}

}  // namespace

std::string encodeLostNote(const LostNote& lost) {
  std::string text = std::string(MAGIC) + ' ' + std::to_string(VERSION) + '\n';
  auto from = lost.begin();
  if (lost.size() > LOST_NOTED_MAX) std::advance(from, lost.size() - LOST_NOTED_MAX);
  for (; from != lost.end(); ++from) {
    const auto& [key, volume] = *from;
    text += std::string(REPLICA) + ' ' + std::to_string(key.chunk.value) + ' ' +
            std::to_string(key.generation.value) + ' ' + volume.toString() + '\n';
  }
  return withSum(std::move(text));
}

Result<LostNote> decodeLostNote(std::string_view text) {
  const auto whole = text;
  TRY(takeVersion(text, MAGIC, VERSION));
  LostNote lost;
  while (text.starts_with(REPLICA)) {
    ASSIGN(auto line, takeLine(text, REPLICA));
    ReplicaKey key;
    ASSIGN(const auto chunk, takeWord(line));
    ASSIGN(key.chunk.value, parseNumber<std::uint64_t>(chunk));
    ASSIGN(const auto generation, takeWord(line));
    ASSIGN(key.generation.value, parseNumber<std::uint64_t>(generation));
    const auto volume = Uuid::parse(line);
    if (!volume.has_value()) return fail(Code::CORRUPT, volume.error().message());
    lost.emplace(key, *volume);
  }
  if (encodeLostNote(lost) != whole) {
    return fail(Code::CORRUPT, "its sum is wrong, or it has a tail");
  }
  return lost;
}

}  // namespace cairn::dn
