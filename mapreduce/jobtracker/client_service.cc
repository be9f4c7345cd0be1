#include <algorithm>
#include <utility>

#include "common/rpc/convert.h"
#include "mapreduce/jobtracker/services.h"
#include "mapreduce/jobtracker/wire_values.h"

namespace cairn::mr {

namespace {

// Jobs that one list() answers at most; the newest.
constexpr std::size_t LIST_MAX = 2000;

class ClientService final : public wire::JobTracker::Server {
public:
  explicit ClientService(Core& core) : core_(core) {}

  kj::Promise<void> ping(PingContext) override { return kj::READY_NOW; }

  kj::Promise<void> newJob(NewJobContext context) override {
    const auto user = rpc::toString(context.getParams().getUser());
    auto results = context.getResults();
    const auto id = core_.newJob();
    results.setJob(id.toString());
    results.setStagingDirectory(stagingDirectory(user, id));
    return kj::READY_NOW;
  }

  kj::Promise<void> submit(SubmitContext context) override {
    auto params = context.getParams();
    auto id = JobId::parse(rpc::toView(params.getJob()));
    if (!id.has_value()) {
      rpc::toWire(id.error(), context.getResults().initFault());
      co_return;
    }
    auto spec = specFrom(params.getSpec());
    context.releaseParams();
    answer(context, co_await core_.guarded(core_.submit(*id, std::move(spec))));
  }

  kj::Promise<void> status(StatusContext context) override {
    const auto params = context.getParams();
    const auto id = JobId::parse(rpc::toView(params.getJob()));
    const Core::StatusQuery query{params.getAfterVersion(), params.getFailuresFrom(),
                                  params.getWithCounters()};
    if (!id.has_value()) {
      rpc::toWire(id.error(), context.getResults().initFault());
      co_return;
    }
    // A client that goes away waits no longer.
    context.allowCancellation();
    const auto newer = co_await core_.guarded(core_.newer(*id, query.afterVersion));
    if (newer.has_value()) {
      core_.fillStatus(*id, query, context.getResults().initStatus());
    } else {
      answer(context, newer);
    }
  }

  kj::Promise<void> list(ListContext context) override {
    auto ids = core_.list(context.getParams().getAll());
    ids.resize(std::min(ids.size(), LIST_MAX));
    auto jobs = context.getResults().initJobs(static_cast<unsigned>(ids.size()));
    for (unsigned i = 0; i < ids.size(); ++i) {
      // Failures are asked for one job at a time.
      core_.fillStatus(ids[i], {.failuresFrom = UINT32_MAX}, jobs[i]);
    }
    return kj::READY_NOW;
  }

  kj::Promise<void> kill(KillContext context) override {
    const auto id = JobId::parse(rpc::toView(context.getParams().getJob()));
    auto user = rpc::toString(context.getParams().getUser());
    if (!id.has_value()) {
      rpc::toWire(id.error(), context.getResults().initFault());
      co_return;
    }
    answer(context, co_await core_.guarded(core_.kill(*id, std::move(user))));
  }

  kj::Promise<void> trackers(TrackersContext context) override {
    core_.fillTrackers(
        context.getResults().initTrackers(static_cast<unsigned>(core_.trackerCount())));
    return kj::READY_NOW;
  }

private:
  template <typename Context>
  static void answer(Context& context, const Result<void>& result) {
    if (!result.has_value()) rpc::toWire(result.error(), context.getResults().initFault());
  }

  Core& core_;
};

}  // namespace

wire::JobTracker::Client newClientService(Core& core) { return kj::heap<ClientService>(core); }

}  // namespace cairn::mr
