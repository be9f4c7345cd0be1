#include "client/core/file_system.h"

#include "client/core/fault_wait.h"
#include "client/core/file_checksum.h"
#include "client/core/open_file.h"
#include "client/core/session.h"
#include "client/core/tail_frame.h"
#include "client/core/writing_file.h"

namespace cairn::client {

FileSystem::FileSystem(rpc::Host& host, Options options)
    : session_(kj::heap<Session>(host, std::move(options))) {}
FileSystem::~FileSystem() noexcept(false) = default;

kj::Promise<Result<kj::Own<FileReader>>> FileSystem::open(std::string path, OpenOptions options) {
  CO_ASSIGN(auto file, co_await session_->namenode.getLocations(path, 0, UINT64_MAX));
  if (file.entry.isDirectory()) co_return fail(Code::IS_A_DIRECTORY, path + " is a directory");
  auto opened = kj::heap<OpenFile>(*session_, kj::mv(path), kj::mv(file), options);
  CO_TRY(co_await opened->measure());
  co_return kj::Own<FileReader>(kj::mv(opened));
}

kj::Promise<Result<kj::Own<FileWriter>>> FileSystem::create(std::string path,
                                                            CreateOptions options) {
  CO_ASSIGN(auto entry, co_await session_->namenode.create(path, options));
  CO_TRY(co_await passFault(session_->host.timer, faultPoint("client.create.after")));
  if (entry.chunkSize == 0) {
    co_return fail(Code::INTERNAL, path + ": the namenode gave the new file no chunk size");
  }
  co_return kj::Own<FileWriter>(
      kj::heap<WritingFile>(*session_, kj::mv(path), kj::mv(entry), std::nullopt));
}

kj::Promise<Result<kj::Own<FileWriter>>> FileSystem::append(std::string path,
                                                            AppendOptions options) {
  CO_ASSIGN(auto appended, co_await session_->namenode.append(path, options.newChunk));
  if (appended.entry.chunkSize == 0) {
    co_return fail(Code::INTERNAL, path + ": the namenode gave the file no chunk size");
  }
  std::optional<WritingFile::Tail> tail;
  if (auto& last = appended.last.chunk.at; last.chunk != 0) {
    // What an unfinished chunk's place tells for its length is not meant for writers.
    if (last.offset >= appended.entry.length) {
      co_return fail(Code::INTERNAL, path + ": the namenode opened a chunk without bytes again");
    }
    last.length = appended.entry.length - last.offset;
    CO_ASSIGN(const auto frames, co_await framesOfTail(*session_, appended.last.chunk));
    tail = WritingFile::Tail{.last = kj::mv(appended.last), .nextFrame = frames};
  }
  co_return kj::Own<FileWriter>(
      kj::heap<WritingFile>(*session_, kj::mv(path), kj::mv(appended.entry), kj::mv(tail)));
}

kj::Promise<Result<Entry>> FileSystem::stat(std::string path) {
  return session_->namenode.stat(std::move(path));
}

kj::Promise<Result<ListPage>> FileSystem::list(std::string path, std::string startAfter,
                                               std::uint32_t limit) {
  return session_->namenode.list(std::move(path), std::move(startAfter), limit);
}

kj::Promise<Result<bool>> FileSystem::mkdirs(std::string path, std::uint16_t mode,
                                             bool createParents) {
  return session_->namenode.mkdirs(std::move(path), mode, createParents);
}

kj::Promise<Result<void>> FileSystem::rename(std::string from, std::string to,
                                             RenameOptions options) {
  return session_->namenode.rename(std::move(from), std::move(to), options);
}

kj::Promise<Result<bool>> FileSystem::remove(std::string path, bool recursive) {
  return session_->namenode.remove(std::move(path), recursive);
}

kj::Promise<Result<bool>> FileSystem::setReplication(std::string path, std::uint16_t replication) {
  return session_->namenode.setReplication(std::move(path), replication);
}

kj::Promise<Result<void>> FileSystem::setPermission(std::string path, std::uint16_t mode) {
  return session_->namenode.setPermission(std::move(path), mode);
}

kj::Promise<Result<void>> FileSystem::setOwner(std::string path, std::string owner,
                                               std::string group) {
  return session_->namenode.setOwner(std::move(path), std::move(owner), std::move(group));
}

kj::Promise<Result<void>> FileSystem::setTimes(std::string path, std::int64_t mtimeMs,
                                               std::int64_t atimeMs) {
  return session_->namenode.setTimes(std::move(path), mtimeMs, atimeMs);
}

kj::Promise<Result<void>> FileSystem::setXAttr(std::string path, XAttr xattr, XAttrSet how) {
  return session_->namenode.setXAttr(std::move(path), std::move(xattr), how);
}

kj::Promise<Result<void>> FileSystem::removeXAttr(std::string path, std::string name) {
  return session_->namenode.removeXAttr(std::move(path), std::move(name));
}

kj::Promise<Result<std::vector<XAttr>>> FileSystem::getXAttrs(std::string path,
                                                              std::vector<std::string> names) {
  return session_->namenode.getXAttrs(std::move(path), std::move(names));
}

kj::Promise<Result<ContentSummary>> FileSystem::contentSummary(std::string path) {
  return session_->namenode.contentSummary(std::move(path));
}

kj::Promise<Result<void>> FileSystem::setStoragePolicy(std::string path, StoragePolicy policy) {
  return session_->namenode.setStoragePolicy(std::move(path), static_cast<std::uint8_t>(policy));
}

kj::Promise<Result<void>> FileSystem::setCompression(std::string path,
                                                     std::optional<Compression> compression) {
  return session_->namenode.setCompression(std::move(path), compression);
}

kj::Promise<Result<void>> FileSystem::concat(std::string target, std::vector<std::string> sources) {
  return session_->namenode.concat(std::move(target), std::move(sources));
}

kj::Promise<Result<bool>> FileSystem::truncate(std::string path, std::uint64_t length) {
  return session_->namenode.truncate(std::move(path), length);
}

kj::Promise<Result<bool>> FileSystem::recoverLease(std::string path) {
  return session_->namenode.recoverLease(std::move(path));
}

kj::Promise<Result<FsStatus>> FileSystem::statFs() { return session_->namenode.statFs(); }

kj::Promise<Result<std::vector<ChunkLocation>>> FileSystem::locations(std::string path,
                                                                      std::uint64_t offset,
                                                                      std::uint64_t length) {
  const auto end = length > UINT64_MAX - offset ? UINT64_MAX : offset + length;
  std::vector<ChunkLocation> all;
  while (true) {
    CO_ASSIGN(auto page, co_await session_->namenode.getLocations(path, offset, end - offset,
                                                                  NamenodeClient::For::LOOK));
    for (auto& chunk : page.chunks) all.push_back(kj::mv(chunk.at));
    if (!page.more || page.chunks.empty()) break;
    const auto& last = all.back();
    offset = last.offset + last.length;
    if (offset >= end) break;
  }
  co_return kj::mv(all);
}

kj::Promise<Result<ChunkOwner>> FileSystem::chunkOwner(std::uint64_t chunk) {
  return session_->namenode.chunkOwner(chunk);
}

kj::Promise<Result<void>> FileSystem::ping() { return session_->namenode.ping(); }

kj::Promise<Result<ServerInfo>> FileSystem::serverInfo() { return session_->namenode.serverInfo(); }

kj::Promise<Result<ClusterReport>> FileSystem::report() { return session_->namenode.report(); }

kj::Promise<Result<SafeModeState>> FileSystem::safeMode(SafeModeAction action) {
  return session_->namenode.safeMode(action);
}

kj::Promise<Result<FileChecksum>> FileSystem::checksum(std::string path) {
  return checksumOf(*session_, std::move(path));
}

const Options& FileSystem::options() const { return session_->options; }
const ClientId& FileSystem::clientId() const { return session_->namenode.clientId(); }

}  // namespace cairn::client
