// Client: attributes, and files cut, joined and closed for others.
#include "cairn/client.h"
#include "client/library/core.h"

namespace cairn {

using client::FileSystem;

Result<bool> Client::setReplication(std::string_view path, std::uint16_t replication) {
  return core_->call(
      [&](FileSystem& files) { return files.setReplication(std::string(path), replication); });
}

Result<void> Client::setPermission(std::string_view path, std::uint16_t mode) {
  return core_->call(
      [&](FileSystem& files) { return files.setPermission(std::string(path), mode); });
}

Result<void> Client::setOwner(std::string_view path, std::string_view owner,
                              std::string_view group) {
  return core_->call([&](FileSystem& files) {
    return files.setOwner(std::string(path), std::string(owner), std::string(group));
  });
}

Result<void> Client::setTimes(std::string_view path, std::int64_t mtimeMs, std::int64_t atimeMs) {
  return core_->call(
      [&](FileSystem& files) { return files.setTimes(std::string(path), mtimeMs, atimeMs); });
}

Result<void> Client::setXAttr(std::string_view path, std::string_view name, std::string_view value,
                              XAttrSet how) {
  return core_->call([&](FileSystem& files) {
    return files.setXAttr(std::string(path),
                          {.name = std::string(name), .value = std::string(value)}, how);
  });
}

Result<void> Client::removeXAttr(std::string_view path, std::string_view name) {
  return core_->call(
      [&](FileSystem& files) { return files.removeXAttr(std::string(path), std::string(name)); });
}

Result<std::vector<XAttr>> Client::getXAttrs(std::string_view path,
                                             std::vector<std::string> names) {
  return core_->call([&](FileSystem& files) { return files.getXAttrs(std::string(path), names); });
}

Result<ContentSummary> Client::contentSummary(std::string_view path) {
  return core_->call([&](FileSystem& files) { return files.contentSummary(std::string(path)); });
}

Result<void> Client::setStoragePolicy(std::string_view path, StoragePolicy policy) {
  return core_->call(
      [&](FileSystem& files) { return files.setStoragePolicy(std::string(path), policy); });
}

Result<void> Client::setCompression(std::string_view path, std::optional<Compression> compression) {
  return core_->call(
      [&](FileSystem& files) { return files.setCompression(std::string(path), compression); });
}

Result<void> Client::concat(std::string_view target, std::vector<std::string> sources) {
  return core_->call([&](FileSystem& files) { return files.concat(std::string(target), sources); });
}

Result<bool> Client::truncate(std::string_view path, std::uint64_t length) {
  return core_->call([&](FileSystem& files) { return files.truncate(std::string(path), length); });
}

Result<bool> Client::recoverLease(std::string_view path) {
  return core_->call([&](FileSystem& files) { return files.recoverLease(std::string(path)); });
}

Result<FileChecksum> Client::checksum(std::string_view path) {
  return core_->call([&](FileSystem& files) { return files.checksum(std::string(path)); });
}

}  // namespace cairn
