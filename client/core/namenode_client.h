// The namenode's operations as seen by one client: connects when needed, tries again what may
// succeed later, and numbers changes so that a retry takes effect once.
// Layer: client/core.  Threads: one event loop.  Ownership: all references outlive it.
//
// Tried again, within Options::retry and with a notice to Options::onRetry each time: no
// connection, no answer in time, an overloaded server; NOT_REPLICATED_YET; any other failure only
// when the server itself says when to come back (its start-up safe mode, for one).
#pragma once

#include <kj/async.h>

#include <optional>
#include <string>
#include <vector>

#include "client/core/call_numbers.h"
#include "client/core/options.h"
#include "client/core/wire_types.h"
#include "common/async/coroutine.h"
#include "common/base/limits.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/host.h"

namespace cairn::client {

class NamenodeClient {
public:
  NamenodeClient(rpc::Host& host, const Options& options, rpc::ClientPool& pool, ClientId client);
  KJ_DISALLOW_COPY(NamenodeClient);

  kj::Promise<Result<void>> ping();
  kj::Promise<Result<ServerInfo>> serverInfo();
  kj::Promise<Result<Entry>> stat(std::string path);
  kj::Promise<Result<ListPage>> list(std::string path, std::string startAfter, std::uint32_t limit);
  kj::Promise<Result<bool>> mkdirs(std::string path, std::uint16_t mode, bool createParents);
  kj::Promise<Result<Entry>> create(std::string path, CreateOptions options);
  // Commits `previous` (chunk 0: none) and allocates the next chunk without the excluded nodes.
  kj::Promise<Result<NewChunk>> addChunk(std::uint64_t file, SealedChunk previous,
                                         std::vector<std::uint32_t> excluded);
  kj::Promise<Result<void>> abandonChunk(std::uint64_t file, ChunkLocation chunk);
  kj::Promise<Result<Entry>> complete(std::uint64_t file, SealedChunk last);
  // READ: the file's time of access moves when it is old.
  enum class For : std::uint8_t { READ, LOOK };
  kj::Promise<Result<LocatedFile>> getLocations(std::string path, std::uint64_t offset,
                                                std::uint64_t length, For what = For::READ);
  kj::Promise<Result<ChunkOwner>> chunkOwner(std::uint64_t chunk);
  kj::Promise<Result<bool>> remove(std::string path, bool recursive);
  kj::Promise<Result<void>> rename(std::string from, std::string to, RenameOptions options);
  kj::Promise<Result<void>> renewLease();
  kj::Promise<Result<void>> reportBadReplica(ChunkLocation chunk, std::uint32_t node,
                                             std::string reason);
  kj::Promise<Result<ClusterReport>> report();
  kj::Promise<Result<SafeModeState>> safeMode(SafeModeAction action);

  // --- Attributes (namenode_attributes.cc) ---
  // False: a directory, which has none.
  kj::Promise<Result<bool>> setReplication(std::string path, std::uint16_t replication);
  kj::Promise<Result<void>> setPermission(std::string path, std::uint16_t mode);
  // "" leaves that one.
  kj::Promise<Result<void>> setOwner(std::string path, std::string owner, std::string group);
  // -1 leaves that one.
  kj::Promise<Result<void>> setTimes(std::string path, std::int64_t mtimeMs, std::int64_t atimeMs);
  kj::Promise<Result<void>> setXAttr(std::string path, XAttr xattr, XAttrSet how);
  kj::Promise<Result<void>> removeXAttr(std::string path, std::string name);
  kj::Promise<Result<std::vector<XAttr>>> getXAttrs(std::string path,
                                                    std::vector<std::string> names);
  kj::Promise<Result<ContentSummary>> contentSummary(std::string path);
  kj::Promise<Result<void>> setStoragePolicy(std::string path, std::uint8_t policy);
  // None: that of the directory above again.
  kj::Promise<Result<void>> setCompression(std::string path,
                                           std::optional<Compression> compression);
  kj::Promise<Result<FsStatus>> statFs();

  // --- Files cut, joined and taken from their writers (namenode_attributes.cc) ---
  kj::Promise<Result<void>> concat(std::string target, std::vector<std::string> sources);
  // False: the last chunk is still being cut on the datanodes.
  kj::Promise<Result<bool>> truncate(std::string path, std::uint64_t length);
  // False: its last chunk is being recovered; ask again.
  kj::Promise<Result<bool>> recoverLease(std::string path);

  // --- Files written again, and pipelines that lost a node (namenode_writing.cc) ---

  kj::Promise<Result<AppendedFile>> append(std::string path, bool newChunk);
  // A new generation for the last chunk of an open file; on record only after updatePipeline().
  // `chunk`: as on record, here and below.
  kj::Promise<Result<NewGeneration>> updateChunk(std::uint64_t file, ChunkLocation chunk);
  // At most `count` further nodes for the chunk; perhaps none.
  kj::Promise<Result<std::vector<DatanodeAddress>>> additionalNodes(
      std::uint64_t file, ChunkLocation chunk, std::vector<std::uint32_t> existing,
      std::vector<std::uint32_t> excluded, std::uint16_t count);
  // These nodes have at least `length` plain bytes of the chunk in the new generation.
  kj::Promise<Result<void>> updatePipeline(std::uint64_t file, ChunkLocation chunk,
                                           std::uint64_t generation, std::uint64_t length,
                                           std::vector<std::uint32_t> nodes);
  // The last chunk has at least `length` plain bytes on disk.
  kj::Promise<Result<void>> syncFile(std::uint64_t file, ChunkLocation chunk, std::uint64_t length);

  const ClientId& clientId() const { return client_; }
  // How often leases are to be renewed, as the namenode said last when it gave or renewed one.
  std::uint32_t leaseRenewMs() const { return leaseRenewMs_; }

private:
  enum class Repeat { SAFE, NUMBERED };

  // Sends until it succeeds or no retry helps. `send(namenode, callId)` makes one request and sends
  // it, `parse(results)` makes the Result<T>; both may run several times.
  template <typename T, typename Send, typename Parse>
  kj::Promise<Result<T>> call(const char* verb, Repeat repeat, Send send, Parse parse);
  template <typename T, typename Send, typename Parse>
  kj::Promise<Result<T>> attempt(const char* verb, std::uint64_t callId, Send& send, Parse& parse);
  void fillCall(wire::CallInfo::Builder to, std::uint64_t callId) const;
  void noteLeaseRenewal(std::uint32_t ms) {
    if (ms != 0) leaseRenewMs_ = ms;
  }

  rpc::Host& host_;
  const Options& options_;
  rpc::ClientPool& pool_;
  const ClientId client_;
  CallNumbers numbers_;
  std::uint32_t leaseRenewMs_ = limits::LEASE_RENEW_MS;
};

// Whether the namenode client tries a call again after this failure, time permitting. Pure.
bool worthRetrying(const Status& failure);

}  // namespace cairn::client
