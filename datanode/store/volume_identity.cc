#include "datanode/store/volume_identity.h"

#include "datanode/store/note_text.h"

namespace cairn::dn {
namespace {

constexpr std::string_view MAGIC = "cairn-datanode-volume ";
constexpr unsigned VERSION = 1;

Result<Uuid> takeUuid(std::string_view& text, std::string_view key) {
  ASSIGN(const auto value, takeLine(text, key));
  auto parsed = Uuid::parse(value);
  if (!parsed.has_value()) return fail(Code::CORRUPT, parsed.error().message());
  return parsed;
}

}  // namespace

std::string encode(const VolumeIdentity& identity) {
  return std::string(MAGIC) + std::to_string(VERSION) + "\ncluster " + identity.cluster.toString() +
         "\ndatanode " + identity.datanode.toString() + "\nvolume " + identity.volume.toString() +
         "\nnode " + std::to_string(identity.node.value) + "\n";
}

Result<VolumeIdentity> decodeIdentity(std::string_view text) {
  if (!text.starts_with(MAGIC)) return fail(Code::CORRUPT, "it is no identity of a volume");
  ASSIGN(const auto versionText, takeLine(text, MAGIC.substr(0, MAGIC.size() - 1)));
  ASSIGN(const auto version, parseNumber<unsigned>(versionText));
  if (version != VERSION) {
    return fail(Code::UNSUPPORTED_VERSION, "the volume has format version " +
                                               std::to_string(version) + "; this program knows " +
                                               std::to_string(VERSION));
  }
  VolumeIdentity identity;
  ASSIGN(identity.cluster, takeUuid(text, "cluster"));
  ASSIGN(identity.datanode, takeUuid(text, "datanode"));
  ASSIGN(identity.volume, takeUuid(text, "volume"));
  ASSIGN(const auto node, takeLine(text, "node"));
  ASSIGN(identity.node.value, parseNumber<std::uint32_t>(node));
  if (!text.empty() || identity.cluster.isNil() || identity.datanode.isNil() ||
      identity.volume.isNil() || !identity.node) {
    return fail(Code::CORRUPT, "the identity of a volume is incomplete or has a tail");
  }
  return identity;
}

}  // namespace cairn::dn
