#include "namenode/meta/records.h"

namespace cairn::nn {

Status damagedRow(Table table, std::string_view key) {
  static constexpr char DIGITS[] = "0123456789abcdef";
  std::string hex;
  for (const char c : key) {
    hex += DIGITS[static_cast<unsigned char>(c) >> 4];
    hex += DIGITS[static_cast<unsigned char>(c) & 15];
  }
  return {Code::CORRUPT, "a row of the namenode's table " + std::string(nameOf(table)) +
                             " is damaged, key " + hex};
}

PathNode toPathNode(const record::Dirent& dirent) {
  PathNode node{.id = InodeId(dirent.id()),
                .directory = isDirectory(dirent),
                .mode = static_cast<std::uint16_t>(dirent.mode()),
                .owner = dirent.owner(),
                .group = dirent.group(),
                .compression = {}};
  if (dirent.codec_set()) node.compression = {dirent.codec(), dirent.zstd_level()};
  return node;
}

std::string uuidBytes(const Uuid& uuid) {
  return {reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()};
}

Uuid uuidFromBytes(std::string_view bytes) {
  Uuid uuid;
  if (bytes.size() == uuid.bytes.size()) std::memcpy(uuid.bytes.data(), bytes.data(), bytes.size());
  return uuid;
}

}  // namespace cairn::nn
