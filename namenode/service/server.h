// The namenode as a daemon: opens the tables, listens, serves clients and datanodes, runs the
// duties. Layer: namenode/service.  Threads: one event loop, and the injected ones for
// clients' connections; RocksDB's writes on the injected journal pool.
//
// Repeatable where the Host is: no clock, thread, random number or socket but the injected ones.
// With `backgroundWork` off and an Env in memory RocksDB starts no thread either.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/async/coroutine.h"
#include "common/async/work_pool.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/config/namenode_config.h"
#include "common/io/disk.h"
#include "common/rpc/host.h"
#include "common/rpc/serving_loop.h"
#include "namenode/state/callers.h"

namespace rocksdb {
class Env;
}

namespace cairn::nn {

struct NamenodeOptions {
  config::NamenodeConfig config;  // its address and directory count only where those below are ""
  std::string directory;          // of the tables
  std::string listen;             // "127.0.0.1:8020"; port 0: any free one
  // The user whose every right is granted: the one the daemon runs as, as in HDFS. "": the owner of
  // the root, which format has set.
  std::string superuser;
  GroupsOf groupsOf;            // empty: no user is in any group
  rocksdb::Env* env = nullptr;  // null: the real file system. Outlives the server
  io::Disk* logDisk = nullptr;  // StoreOptions::logDisk
  // Where the audit log goes. Null: as the configuration says, where the tables are on the real
  // file system; else there is none.
  std::shared_ptr<io::Disk> auditDisk;
  // Event loops for clients' connections besides the server's own; outlive it. Empty: that serves
  // all.
  std::vector<rpc::ServingLoop*> servingLoops;
  bool backgroundWork = true;  // false in the simulator: RocksDB neither flushes nor compacts
};

class NamenodeServer {
public:
  // Makes a new, empty file system in options.directory. `superuser` owns its root. Blocks. Durable
  // when it returns. ALREADY_EXISTS when there is one (it is left alone), IN_USE, IO_ERROR.
  static Result<void> format(const NamenodeOptions& options, ClusterId cluster, UnixMillis nowMs);

  // `journalPool`: one thread of its own. Both outlive the server.
  NamenodeServer(rpc::Host& host, async::WorkPool& journalPool, NamenodeOptions options);
  // Without stop(): drops the connections, gives up what is not durable, as a crash would, and
  // closes the tables; waits for the disk where a write is under way.
  ~NamenodeServer() noexcept(false);
  KJ_DISALLOW_COPY(NamenodeServer);

  // Opens the tables and serves; once. NOT_FORMATTED, IN_USE (another process holds the directory,
  // or the port), UNSUPPORTED_VERSION, CORRUPT, IO_ERROR. After an error only stop() and the
  // destructor make sense.
  kj::Promise<Result<void>> start();
  // Refuses what comes in, makes durable what was accepted, drops the connections, closes the
  // tables.
  kj::Promise<void> stop();
  // "127.0.0.1:8020", once started.
  std::string address() const;
  // Once started.
  ClusterId cluster() const;
  Epoch epoch() const;
  // Whether clients get their work done now. UNAVAILABLE while it starts or stops, and after its
  // log has failed; SAFE_MODE.
  Result<void> ready() const;
  // Settles with the reason when the log could not be written: nothing is served any more, the
  // process should end.
  kj::Promise<Status> onFatal();

private:
  struct Impl;
  kj::Own<Impl> impl_;
};

}  // namespace cairn::nn
