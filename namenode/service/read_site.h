// What calls that only read need of the event loop they are served on.
// Layer: service.  Threads: one event loop; the store is shared by all.
#pragma once

#include <memory>
#include <utility>

#include "common/async/work_pool.h"
#include "common/base/result.h"
#include "common/io/clock.h"
#include "common/rpc/host.h"
#include "namenode/audit/audit_sink.h"
#include "namenode/meta/store.h"
#include "namenode/service/metrics.h"
#include "namenode/state/callers.h"

namespace cairn::nn {

class ReadSite {
public:
  virtual ~ReadSite() noexcept(false) = default;

  // Whether anything is served: not while the namenode stops, or after a failed write.
  virtual Result<void> allowReads() const = 0;
  // A group that every read from now on sees.
  virtual TxId shown() const = 0;
  virtual Callers& callers() = 0;
  // Null: there is no audit log.
  virtual AuditSink* auditSink() = 0;

  std::int64_t monotonicMs() const { return clock.monotonicMs(); }

  const std::shared_ptr<Store> store;
  const io::Clock& clock;
  async::WorkPool& workPool;
  const std::shared_ptr<CallMetrics> metrics;

protected:
  // `host` outlives it.
  ReadSite(std::shared_ptr<Store> store, rpc::Host& host, std::shared_ptr<CallMetrics> metrics)
      : store(std::move(store)),
        clock(host.clock),
        workPool(host.workPool),
        metrics(std::move(metrics)) {}
};

}  // namespace cairn::nn
