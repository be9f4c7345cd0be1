// A cluster's file system, as coroutines on one event loop: what the library's blocking facade, the
// job tracker and the tests' simulator use.
// Layer: client/core.  Threads: one event loop; compression runs on host.workPool.
// Ownership: `host` outlives the FileSystem; the FileSystem outlives its readers and writers, and
// all of them outlive the promises they gave. Dropping a promise cancels the call; a change that
// was under way may still take effect.
// Errors: Results. A namenode that does not answer is tried again within Options::retry, and
// changes that are retried take effect once. The meaning of each call, and its errors, are those of
// the public Client (client/include/cairn/client.h), whose comments are not repeated here.
// Nothing is started or connected before it is needed.
#pragma once

#include <kj/async.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cairn/options.h"
#include "cairn/types.h"
#include "client/core/file_reader.h"
#include "client/core/file_writer.h"
#include "client/core/options.h"
#include "common/async/coroutine.h"
#include "common/base/result.h"
#include "common/rpc/host.h"

namespace cairn::client {

class Session;

class FileSystem {
public:
  // Draws a client id from host.random: one FileSystem is one holder of leases.
  FileSystem(rpc::Host& host, Options options);
  ~FileSystem() noexcept(false);
  KJ_DISALLOW_COPY(FileSystem);

  // Looks the file up and fetches the first page of its chunks' locations; no data yet.
  kj::Promise<Result<kj::Own<FileReader>>> open(std::string path, OpenOptions options = {});
  // Keeps the lease alive until the writer is closed or destroyed.
  kj::Promise<Result<kj::Own<FileWriter>>> create(std::string path, CreateOptions options = {});
  kj::Promise<Result<kj::Own<FileWriter>>> append(std::string path, AppendOptions options = {});

  kj::Promise<Result<Entry>> stat(std::string path);
  kj::Promise<Result<ListPage>> list(std::string path, std::string startAfter = {},
                                     std::uint32_t limit = 0);
  kj::Promise<Result<bool>> mkdirs(std::string path, std::uint16_t mode = 0755,
                                   bool createParents = true);
  kj::Promise<Result<void>> rename(std::string from, std::string to, RenameOptions options = {});
  kj::Promise<Result<bool>> remove(std::string path, bool recursive = false);

  // --- Attributes ---
  kj::Promise<Result<bool>> setReplication(std::string path, std::uint16_t replication);
  kj::Promise<Result<void>> setPermission(std::string path, std::uint16_t mode);
  kj::Promise<Result<void>> setOwner(std::string path, std::string owner, std::string group);
  kj::Promise<Result<void>> setTimes(std::string path, std::int64_t mtimeMs, std::int64_t atimeMs);
  kj::Promise<Result<void>> setXAttr(std::string path, XAttr xattr,
                                     XAttrSet how = XAttrSet::EITHER);
  kj::Promise<Result<void>> removeXAttr(std::string path, std::string name);
  kj::Promise<Result<std::vector<XAttr>>> getXAttrs(std::string path,
                                                    std::vector<std::string> names = {});
  kj::Promise<Result<ContentSummary>> contentSummary(std::string path);
  kj::Promise<Result<void>> setStoragePolicy(std::string path, StoragePolicy policy);
  kj::Promise<Result<void>> setCompression(std::string path,
                                           std::optional<Compression> compression);

  // --- Files cut, joined and closed for others ---
  kj::Promise<Result<void>> concat(std::string target, std::vector<std::string> sources);
  kj::Promise<Result<bool>> truncate(std::string path, std::uint64_t length);
  kj::Promise<Result<bool>> recoverLease(std::string path);

  // All pages.
  kj::Promise<Result<std::vector<ChunkLocation>>> locations(std::string path,
                                                            std::uint64_t offset = 0,
                                                            std::uint64_t length = UINT64_MAX);
  kj::Promise<Result<ChunkOwner>> chunkOwner(std::uint64_t chunk);
  kj::Promise<Result<FsStatus>> statFs();
  kj::Promise<Result<FileChecksum>> checksum(std::string path);
  kj::Promise<Result<void>> ping();
  kj::Promise<Result<ServerInfo>> serverInfo();
  kj::Promise<Result<ClusterReport>> report();
  kj::Promise<Result<SafeModeState>> safeMode(SafeModeAction action);

  const Options& options() const;
  // The holder of this client's leases.
  const ClientId& clientId() const;

private:
  kj::Own<Session> session_;
};

}  // namespace cairn::client
