#include "datanode/store/known_volumes.h"

#include "datanode/store/note_text.h"

namespace cairn::dn {
namespace {

constexpr std::string_view MAGIC = "cairn-datanode-volumes";
constexpr unsigned VERSION = 1;
constexpr std::size_t UUID_DIGITS = 32;

}  // namespace

std::string encode(const KnownVolumes& volumes) {
  std::string text = std::string(MAGIC) + ' ' + std::to_string(VERSION) + '\n';
  for (const auto& [volume, path] : volumes) {
    text += "volume " + volume.toString() + ' ' + path + '\n';
  }
  return text;
}

Result<KnownVolumes> decodeKnownVolumes(std::string_view text) {
  TRY(takeVersion(text, MAGIC, VERSION));
  KnownVolumes volumes;
  while (!text.empty()) {
    ASSIGN(const auto line, takeLine(text, "volume"));
    if (line.size() <= UUID_DIGITS + 1 || line[UUID_DIGITS] != ' ') {
      return fail(Code::CORRUPT, "a volume without a directory");
    }
    const auto volume = Uuid::parse(line.substr(0, UUID_DIGITS));
    if (!volume.has_value()) return fail(Code::CORRUPT, volume.error().message());
    volumes[*volume] = line.substr(UUID_DIGITS + 1);
  }
  return volumes;
}

}  // namespace cairn::dn
