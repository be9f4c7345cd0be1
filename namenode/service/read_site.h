// What calls that only read need of the event loop they are served on.
// Layer: service.  Threads: one event loop; the store is shared by all.
#pragma once

#include <kj/async.h>

#include <deque>
#include <memory>
#include <utility>
#include <vector>

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
  virtual ~ReadSite() noexcept(false);

  // Whether anything is served: not while the namenode stops, or after a failed write.
  virtual Result<void> allowReads() const = 0;
  // A group that every read from now on sees.
  virtual TxId shown() const = 0;
  virtual Callers& callers() = 0;
  // Null: there is no audit log.
  virtual AuditSink* auditSink() = 0;

  std::int64_t monotonicMs() const { return clock.monotonicMs(); }

  // Reads the rows into the store's cache. FETCHES_MAX at a time: the pool has other work, too.
  kj::Promise<void> fetch(std::vector<ColdRow> rows);
  static constexpr unsigned FETCHES_MAX = 4;

  const std::shared_ptr<Store> store;
  const io::Clock& clock;
  const std::shared_ptr<CallMetrics> metrics;

protected:
  // `host` outlives it.
  ReadSite(std::shared_ptr<Store> store, rpc::Host& host, std::shared_ptr<CallMetrics> metrics)
      : store(std::move(store)),
        clock(host.clock),
        metrics(std::move(metrics)),
        workPool_(host.workPool) {}

private:
  // One of FETCHES_MAX; goes to the next who waits.
  class Turn;

  async::WorkPool& workPool_;
  unsigned turns_ = 0;  // that are taken
  std::deque<kj::Own<kj::PromiseFulfiller<kj::Own<Turn>>>> waiting_;
};

}  // namespace cairn::nn
