#include "datanode/store/followed_note.h"

#include "common/base/bytes.h"
#include "common/format/crc32c.h"
#include "datanode/store/note_text.h"

namespace cairn::dn {
namespace {

constexpr std::string_view MAGIC = "cairn-datanode-followed";
constexpr unsigned VERSION = 1;

}  // namespace

std::string encode(const Followed& followed) {
  std::string text = std::string(MAGIC) + ' ' + std::to_string(VERSION) + "\nepoch " +
                     std::to_string(followed.epoch.value) + "\ngroup " +
                     std::to_string(followed.group.value) + '\n';
  text += "sum " + std::to_string(format::crc32c(asBytes(text))) + '\n';
  return text;
}

Result<Followed> decodeFollowed(std::string_view text) {
  const auto whole = text;
  ASSIGN(const auto versionText, takeLine(text, MAGIC));
  ASSIGN(const auto version, parseNumber<unsigned>(versionText));
  if (version != VERSION) {
    return fail(Code::UNSUPPORTED_VERSION, "it has format version " + std::to_string(version) +
                                               "; this program knows " + std::to_string(VERSION));
  }
  Followed followed;
  ASSIGN(const auto epoch, takeLine(text, "epoch"));
  ASSIGN(followed.epoch.value, parseNumber<std::uint64_t>(epoch));
  ASSIGN(const auto group, takeLine(text, "group"));
  ASSIGN(followed.group.value, parseNumber<std::uint64_t>(group));
  if (encode(followed) != whole) return fail(Code::CORRUPT, "its sum is wrong, or it has a tail");
  return followed;
}

}  // namespace cairn::dn
