// The client interface on an event loop that is not the namenode's own: answers the reads of
// ReadService there and passes all other calls on to the connection's ClientService on the state
// loop. Layer: service.  Threads: its site's loop.  One object a connection.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "common/rpc/host.h"
#include "namenode/audit/audit_relay.h"
#include "namenode/service/read_service.h"
#include "namenode/service/relay.h"

namespace cairn::nn {

// What the services of one loop share. Made, used and ended on its loop, but for close().
class RelaySite final : public ReadSite {
public:
  // `settings`, `groupsOf`: of the namenode. `audit`: null for none; what it was made with outlives
  // end(). `host` outlives this.
  RelaySite(rpc::Host& host, std::shared_ptr<Store> store, std::shared_ptr<CallMetrics> metrics,
            const Settings& settings, const GroupsOf& groupsOf,
            std::shared_ptr<async::Mailbox<RelayedCall>> calls, std::unique_ptr<AuditRelay> audit);

  Result<void> allowReads() const override;
  TxId shown() const override { return store->newest(); }
  Callers& callers() override { return callers_; }
  AuditSink* auditSink() override { return audit_.get(); }

  // Makes the call on the state loop. The promise breaks with DISCONNECTED when that serves no
  // more.
  kj::Promise<RelayedMessage> pass(RelayedCall call);

  // From any thread: reads are refused from now on; one that has begun goes on.
  void close() { closed_.store(true, std::memory_order_release); }
  // Passes on what was audited.
  kj::Promise<void> flush();
  // Nothing that this was made with is touched any more. Services may live a little longer.
  void end();

private:
  std::atomic<bool> closed_ = false;
  Callers callers_;
  std::unique_ptr<AuditRelay> audit_;
  std::shared_ptr<async::Mailbox<RelayedCall>> calls_;
  std::shared_ptr<async::Mailbox<RelayedResult>> results_;
  std::unordered_map<std::uint64_t, kj::Own<kj::PromiseFulfiller<RelayedMessage>>> waiting_;
  std::uint64_t lastCall_ = 0;
};

class RelayService final : public ReadService {
public:
  RelayService(std::shared_ptr<RelaySite> site, std::string peerHost, std::uint64_t connection)
      : ReadService(site, std::move(peerHost)), relay_(std::move(site)), connection_(connection) {}

  DispatchCallResult dispatchCall(
      std::uint64_t interfaceId, std::uint16_t methodId,
      capnp::CallContext<capnp::AnyPointer, capnp::AnyPointer> context) override;

private:
  const std::shared_ptr<RelaySite> relay_;
  const std::uint64_t connection_;
};

}  // namespace cairn::nn
