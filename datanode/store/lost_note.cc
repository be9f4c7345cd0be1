#include "datanode/store/lost_note.h"

#include <iterator>

#include "datanode/store/note_text.h"

namespace cairn::dn {
namespace {

constexpr std::string_view MAGIC = "cairn-datanode-lost";
constexpr std::string_view REPLICA = "replica";
constexpr unsigned VERSION = 1;

}  // namespace

std::string encodeLostNote(const LostNote& lost) {
  std::string text = std::string(MAGIC) + ' ' + std::to_string(VERSION) + '\n';
  auto from = lost.begin();
  if (lost.size() > LOST_NOTED_MAX) std::advance(from, lost.size() - LOST_NOTED_MAX);
  for (; from != lost.end(); ++from) {
    const auto& [key, volume] = *from;
    text += std::string(REPLICA) + ' ' + keyText(key) + ' ' + volume.toString() + '\n';
  }
  return withSum(std::move(text));
}

Result<LostNote> decodeLostNote(std::string_view text) {
  const auto whole = text;
  TRY(takeVersion(text, MAGIC, VERSION));
  LostNote lost;
  while (text.starts_with(REPLICA)) {
    ASSIGN(const auto line, takeLine(text, REPLICA));
    const auto space = line.rfind(' ');
    if (space == std::string_view::npos) {
      return fail(Code::CORRUPT, "a replica has two numbers and a volume");
    }
    ASSIGN(const auto key, parseKey(line.substr(0, space)));
    const auto volume = Uuid::parse(line.substr(space + 1));
    if (!volume.has_value()) return fail(Code::CORRUPT, volume.error().message());
    lost.emplace(key, *volume);
  }
  if (encodeLostNote(lost) != whole) {
    return fail(Code::CORRUPT, "its sum is wrong, or it has a tail");
  }
  return lost;
}

}  // namespace cairn::dn
