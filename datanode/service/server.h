// The datanode as a daemon: keeps replicas on its volumes, serves them, and stays in touch with its
// namenode.
// Layer: datanode/service.  Threads: one event loop; everything that blocks runs on the volumes'
// pools. Touches clock, network, disks and threads through what it is given only, so it runs
// unchanged in a simulator; but for the Unix socket, which is off without a path.
#pragma once

#include <kj/async.h>

#include <string>
#include <vector>

#include "common/async/coroutine.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/rpc/host.h"
#include "datanode/service/options.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

class DatanodeServer {
public:
  // `volumes`: at least one; their disks and pools, and the host, outlive the server (see
  // VolumeSource for jobs still queued then).
  DatanodeServer(rpc::Host& host, std::vector<VolumeSource> volumes, DatanodeOptions options);
  // dropDead(), unless stopped.
  ~DatanodeServer() noexcept(false);
  KJ_DISALLOW_COPY(DatanodeServer);

  // Once. Takes and recovers the volumes, listens, and begins to register: answered without waiting
  // for the namenode. After an error only the destructor makes sense. The errors of
  // ReplicaStore::open() and of Network::listen().
  kj::Promise<Result<void>> start();
  // In order: no more calls, replicas being written are left as unfinished ones.
  kj::Promise<void> stop();
  // As a crash: the sockets drop and nothing more is written, but what a volume's thread is doing
  // in this moment.
  void dropDead();

  // "127.0.0.1:9866", once started.
  std::string address() const;
  // Settles when the namenode has accepted the registration for the first time.
  kj::Promise<void> onRegistered();
  // Settles with the reason when the datanode cannot go on; it serves nobody any more then.
  kj::Promise<Status> onFatal();
  // Whether it serves and is known to its namenode now. UNAVAILABLE with the reason otherwise.
  Result<void> ready() const;
  // 0 before the first registration.
  NodeId node() const;
  // For tests and tools.
  const ReplicaStore& store() const;

private:
  struct Impl;
  kj::Own<Impl> impl_;
};

}  // namespace cairn::dn
