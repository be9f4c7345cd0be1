#include "datanode/store/damage_note.h"

#include "datanode/store/note_text.h"

namespace cairn::dn {
namespace {

constexpr std::string_view MAGIC = "cairn-datanode-damaged";
constexpr std::string_view REPLICA = "replica";
constexpr unsigned VERSION = 1;

}  // namespace

std::string encodeDamageNote(const std::set<ReplicaKey>& damaged) {
  std::string text = std::string(MAGIC) + ' ' + std::to_string(VERSION) + '\n';
  std::size_t noted = 0;
  for (const auto& key : damaged) {
    if (++noted > DAMAGE_NOTED_MAX) break;
    text += std::string(REPLICA) + ' ' + keyText(key) + '\n';
  }
  return withSum(std::move(text));
}

Result<std::set<ReplicaKey>> decodeDamageNote(std::string_view text) {
  const auto whole = text;
  TRY(takeVersion(text, MAGIC, VERSION));
  std::set<ReplicaKey> damaged;
  while (text.starts_with(REPLICA)) {
    ASSIGN(const auto line, takeLine(text, REPLICA));
    ASSIGN(const auto key, parseKey(line));
    damaged.insert(key);
  }
  if (encodeDamageNote(damaged) != whole) {
    return fail(Code::CORRUPT, "its sum is wrong, or it has a tail");
  }
  return damaged;
}

}  // namespace cairn::dn
