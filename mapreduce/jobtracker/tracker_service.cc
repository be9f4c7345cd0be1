#include <utility>

#include "common/rpc/convert.h"
#include "mapreduce/jobtracker/services.h"
#include "mapreduce/jobtracker/wire_values.h"

namespace cairn::mr {

namespace {

template <typename Context>
void answer(Context& context, const Result<void>& result) {
  if (!result.has_value()) rpc::toWire(result.error(), context.getResults().initFault());
}

class Session final : public wire::TrackerSession::Server {
public:
  Session(Core& core, sched::TrackerId tracker, std::uint64_t session)
      : core_(core), handle_(core.handle()), tracker_(tracker), session_(session) {}
  ~Session() noexcept(false) {
    if (*handle_ != nullptr) core_.sessionClosed(tracker_, session_);
  }

  kj::Promise<void> heartbeat(HeartbeatContext context) override {
    const auto current = core_.checkSession(tracker_, session_);
    if (current.has_value()) core_.heartbeat(tracker_, context.getParams().getAttempts());
    answer(context, current);
    return kj::READY_NOW;
  }

  kj::Promise<void> commit(CommitContext context) override {
    auto result = co_await core_.guarded(commitInner(context.getParams()));
    if (result.has_value()) {
      context.getResults().setGranted(*result);
    } else {
      rpc::toWire(result.error(), context.getResults().initFault());
    }
  }

  kj::Promise<void> finished(FinishedContext context) override {
    auto result = core_.checkSession(tracker_, session_);
    if (result.has_value()) {
      result = co_await core_.guarded(core_.finished(tracker_, context.getParams().getResult()));
    }
    answer(context, result);
  }

  kj::Promise<void> mapOutputs(MapOutputsContext context) override {
    const auto params = context.getParams();
    const auto job = JobId::parse(rpc::toView(params.getJob()));
    const auto reduce = params.getReduce();
    if (!job.has_value()) {
      rpc::toWire(job.error(), context.getResults().initFault());
      co_return;
    }
    context.allowCancellation();
    const auto page = co_await core_.guarded(core_.mapOutputs(*job, params.getAfterVersion()));
    auto results = context.getResults();
    if (!page.has_value()) {
      rpc::toWire(page.error(), results.initFault());
      co_return;
    }
    results.setVersion(page->version);
    auto outputs = results.initOutputs(static_cast<unsigned>(page->maps.size()));
    for (unsigned i = 0; i < page->maps.size(); ++i) {
      core_.fillMapOutput(*job, page->maps[i], reduce, outputs[i]);
    }
  }

  kj::Promise<void> mapOutputLost(MapOutputLostContext context) override {
    const auto params = context.getParams();
    const auto job = JobId::parse(rpc::toView(params.getJob()));
    auto reason = rpc::fromWire(params.getReason());
    if (!job.has_value()) {
      rpc::toWire(job.error(), context.getResults().initFault());
      co_return;
    }
    if (reason.has_value()) reason = fail(Code::UNAVAILABLE, "no reason was given");
    const AttemptId id{{*job, TaskKind::MAP, params.getMap()}, params.getAttempt()};
    answer(context, co_await core_.guarded(core_.mapOutputLost(
                        id, rpc::toString(params.getReporter()), std::move(reason).error())));
  }

private:
  kj::Promise<Result<bool>> commitInner(wire::TrackerSession::CommitParams::Reader params) {
    CO_TRY(core_.checkSession(tracker_, session_));
    CO_ASSIGN(const auto id, AttemptId::parse(rpc::toView(params.getAttempt())));
    std::vector<std::string> files;
    for (auto file : params.getFiles()) files.push_back(rpc::toString(file.getName()));
    co_return co_await core_.commit(tracker_, id, std::move(files));
  }

  Core& core_;
  const std::shared_ptr<Core*> handle_;
  const sched::TrackerId tracker_;
  const std::uint64_t session_;
};

class TrackerService final : public wire::TrackerMaster::Server {
public:
  TrackerService(Core& core, std::uint32_t heartbeatMs) : core_(core), heartbeatMs_(heartbeatMs) {}

  kj::Promise<void> register_(RegisterContext context) override {
    auto params = context.getParams();
    std::vector<AttemptId> running;
    std::vector<AttemptId> held;
    // What cannot be parsed cannot be one of ours; the tracker will not hear of it again.
    for (auto attempt : params.getRunning()) {
      if (auto id = AttemptId::parse(rpc::toView(attempt))) running.push_back(*id);
    }
    for (auto output : params.getHeld()) {
      if (auto id = AttemptId::parse(rpc::toView(output.getAttempt()))) held.push_back(*id);
    }
    std::vector<JobId> jobs;
    for (auto job : params.getJobs()) {
      if (auto id = JobId::parse(rpc::toView(job))) jobs.push_back(*id);
    }
    const auto tracker = rpc::fromWire(params.getInfo().getUuid());
    auto results = context.getResults();
    if (tracker.isNil()) {
      rpc::toWire(Status(Code::INVALID_ARGUMENT, "a task tracker needs a uuid"),
                  results.initFault());
      co_return;
    }
    const auto registration = co_await core_.guarded(
        core_.registerTracker(params.getInfo(), params.getTracker(), std::move(running),
                              std::move(held), std::move(jobs)));
    if (!registration.has_value()) {
      rpc::toWire(registration.error(), results.initFault());
      co_return;
    }
    results.setSession(kj::heap<Session>(core_, tracker, registration->session));
    results.setHeartbeatMs(heartbeatMs_);
    textsTo(registration->forgotten,
            results.initForgotten(static_cast<unsigned>(registration->forgotten.size())));
  }

private:
  Core& core_;
  const std::uint32_t heartbeatMs_;
};

}  // namespace

wire::TrackerMaster::Client newTrackerService(Core& core, std::uint32_t heartbeatMs) {
  return kj::heap<TrackerService>(core, heartbeatMs);
}

}  // namespace cairn::mr
