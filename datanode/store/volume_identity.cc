#include "datanode/store/volume_identity.h"

#include <charconv>

namespace cairn::dn {
namespace {

constexpr std::string_view MAGIC = "cairn-datanode-volume ";
constexpr unsigned VERSION = 1;

// Takes a line "<key> <value>".
Result<std::string_view> takeLine(std::string_view& text, std::string_view key) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  if (end == std::string_view::npos || !line.starts_with(key) || line.size() <= key.size() ||
      line[key.size()] != ' ') {
    return fail(Code::CORRUPT, "no line '" + std::string(key) + " ...' where one belongs");
  }
  text.remove_prefix(end + 1);
  return line.substr(key.size() + 1);
}

Result<Uuid> takeUuid(std::string_view& text, std::string_view key) {
  ASSIGN(const auto value, takeLine(text, key));
  auto parsed = Uuid::parse(value);
  if (!parsed.has_value()) return fail(Code::CORRUPT, parsed.error().message());
  return parsed;
}

template <typename T>
Result<T> parseNumber(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return fail(Code::CORRUPT, "'" + std::string(text) + "' is no number");
  }
  return value;
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
