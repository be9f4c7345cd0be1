// What all files of one FileSystem share.
// Layer: client/core.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <map>
#include <memory>
#include <set>

#include "client/core/buffer_pool.h"
#include "client/core/decoded_frames.h"
#include "client/core/hedge_budget.h"
#include "client/core/lease_keeper.h"
#include "client/core/local_replicas.h"
#include "client/core/namenode_client.h"
#include "client/core/options.h"
#include "client/core/suspects.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/host.h"

namespace cairn::client {

class Session final : private kj::TaskSet::ErrorHandler {
public:
  Session(rpc::Host& host, Options options);
  KJ_DISALLOW_COPY(Session);

  // Tells the namenode of a damaged replica, in the background, once each.
  void reportBadReplica(const ChunkLocation& chunk, std::uint32_t node, std::string reason);

  rpc::Host& host;
  const Options options;
  rpc::ClientPool connections;
  NamenodeClient namenode;
  LeaseKeeper leases;
  Suspects suspects;  // datanodes that failed lately
  HedgeBudget hedges;
  const std::shared_ptr<BufferPool> buffers;
  const std::shared_ptr<BufferPool> frameBuffers;  // of a frame each
  const std::shared_ptr<DecodedFrames> decodedFrames;
  LocalReplicas localReplicas;

private:
  Session(rpc::Host& host, Options options, ClientId client);
  kj::Promise<void> sendReport(ChunkLocation chunk, std::uint32_t node, std::string reason);
  void taskFailed(kj::Exception&& exception) override;

  std::set<std::pair<std::uint64_t, std::uint32_t>> reported_;  // chunk, node
  kj::TaskSet background_;
};

}  // namespace cairn::client
