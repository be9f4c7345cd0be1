#include "datanode/store/followed_note.h"

#include "datanode/store/note_text.h"

namespace cairn::dn {
namespace {

constexpr std::string_view MAGIC = "cairn-datanode-followed";
constexpr unsigned VERSION = 1;

}  // namespace

std::string encode(const Followed& followed) {
  return withSum(std::string(MAGIC) + ' ' + std::to_string(VERSION) + "\nepoch " +
                 std::to_string(followed.epoch.value) + "\ngroup " +
                 std::to_string(followed.group.value) + '\n');
}

Result<Followed> decodeFollowed(std::string_view text) {
  const auto whole = text;
  TRY(takeVersion(text, MAGIC, VERSION));
  Followed followed;
  ASSIGN(const auto epoch, takeLine(text, "epoch"));
  ASSIGN(followed.epoch.value, parseNumber<std::uint64_t>(epoch));
  ASSIGN(const auto group, takeLine(text, "group"));
  ASSIGN(followed.group.value, parseNumber<std::uint64_t>(group));
  if (encode(followed) != whole) return fail(Code::CORRUPT, "its sum is wrong, or it has a tail");
  return followed;
}

}  // namespace cairn::dn
