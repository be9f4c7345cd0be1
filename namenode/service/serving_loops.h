// Clients' connections on several event loops: reads are answered where a connection lives, all
// else on the state loop. Layer: service.  Threads: the state loop.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/rpc/acceptor.h"
#include "common/rpc/serving_loop.h"
#include "namenode/service/client_service.h"
#include "namenode/service/relay_service.h"

namespace cairn::nn {

class ServingLoops final : private kj::TaskSet::ErrorHandler {
public:
  // The loops, at least one, outlive it. `audit`: null for none.
  ServingLoops(const std::vector<rpc::ServingLoop*>& loops, std::shared_ptr<StateSite> site,
               std::shared_ptr<AuditLog> audit, const GroupsOf& groupsOf,
               rpc::ConnectionLimits connectionLimits);
  // Answers no more, and waits until nothing reads the tables. What was audited since the last
  // flush() is lost. REQUIRES: the connections have been dropped.
  ~ServingLoops() noexcept(false);
  KJ_DISALLOW_COPY(ServingLoops);

  // Serves a client on the loop with the fewest connections.
  rpc::Served::Elsewhere place(std::string peerHost);
  // Refuses reads from now on; settles when what was audited has reached the log.
  kj::Promise<void> flush();

private:
  struct Loop;

  void taskFailed(kj::Exception&& exception) override {}
  kj::Promise<void> serve(Loop& loop, std::string peerHost, kj::AutoCloseFd socket);
  void call(RelayedCall call);

  const kj::Own<const kj::Executor> executor_;  // of the state loop
  const std::shared_ptr<StateSite> site_;
  const std::shared_ptr<AuditLog> audit_;
  const rpc::ConnectionLimits connectionLimits_;
  std::map<std::uint64_t, capnp::Capability::Client> services_;  // by connection
  std::uint64_t lastConnection_ = 0;
  const std::shared_ptr<async::Mailbox<RelayedCall>> calls_;
  std::vector<std::unique_ptr<Loop>> loops_;
  kj::TaskSet tasks_;  // calls under way
};

}  // namespace cairn::nn
