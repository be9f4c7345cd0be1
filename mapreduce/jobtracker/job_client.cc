#include "mapreduce/jobtracker/job_client.h"

#include <utility>

#include "mapreduce/jobtracker/wire_values.h"

namespace cairn::mr {

namespace {

TaskCounts countsFrom(wire::TaskCounts::Reader from) {
  return {from.getTotal(), from.getPending(), from.getRunning(), from.getDone()};
}

JobStatus statusFrom(wire::JobStatus::Reader from) {
  JobStatus status;
  status.job = rpc::toString(from.getJob());
  status.name = rpc::toString(from.getName());
  status.user = rpc::toString(from.getUser());
  status.output = rpc::toString(from.getOutput());
  switch (from.getState()) {
    case wire::JobState::RUNNING: status.state = JobState::RUNNING; break;
    case wire::JobState::COMMITTING: status.state = JobState::COMMITTING; break;
    case wire::JobState::SUCCEEDED: status.state = JobState::SUCCEEDED; break;
    case wire::JobState::KILLED: status.state = JobState::KILLED; break;
    default: status.state = JobState::FAILED;
  }
  status.mapProgress = from.getMapProgress();
  status.reduceProgress = from.getReduceProgress();
  status.submitMs = from.getSubmitTime();
  status.finishMs = from.getFinishTime();
  status.message = rpc::toString(from.getMessage());
  status.version = from.getVersion();
  status.maps = countsFrom(from.getMaps());
  status.reduces = countsFrom(from.getReduces());
  for (auto failure : from.getFailures()) {
    status.failures.push_back(
        {rpc::toString(failure.getAttempt()), rpc::toString(failure.getTracker()),
         rpc::toString(failure.getMessage()), rpc::toString(failure.getStderrTail()),
         failure.getKilled(), failure.getTime()});
  }
  status.failuresTotal = from.getFailuresTotal();
  status.counters = countersFrom(from.getCounters());
  status.trackers = from.getTrackers();
  return status;
}

rpc::ClientHello helloOf(rpc::Host& host) {
  rpc::ClientHello hello;
  hello.process = host.random.uuid();
  return hello;
}

void specTo(const JobSpec& spec, wire::JobSpec::Builder to) {
  to.setName(spec.name);
  to.setUser(spec.user);
  textsTo(spec.inputs, to.initInputs(static_cast<unsigned>(spec.inputs.size())));
  to.setOutput(spec.output);
  to.setReduces(spec.reduces);
  confTo(spec.conf, to.initConf(static_cast<unsigned>(spec.conf.all().size())));
  auto program = to.initProgram();
  if (spec.program.stagedPath.empty()) {
    program.setBuiltIn();
  } else {
    auto staged = program.initStaged();
    staged.setPath(spec.program.stagedPath);
    staged.setLength(spec.program.lengthBytes);
    staged.setCrc32c(spec.program.crc32c);
  }
  textsTo(spec.program.args, program.initArgs(static_cast<unsigned>(spec.program.args.size())));
}

}  // namespace

std::string_view stateName(JobState state) {
  switch (state) {
    case JobState::RUNNING:
    case JobState::COMMITTING: return "RUNNING";
    case JobState::SUCCEEDED: return "SUCCEEDED";
    case JobState::FAILED: return "FAILED";
    case JobState::KILLED: return "KILLED";
  }
  return "UNKNOWN";
}

JobClient::JobClient(rpc::Host& host, JobClientOptions options)
    : host_(host), options_(kj::mv(options)), pool_(host, helloOf(host)) {}

JobClient::~JobClient() noexcept(false) {}

kj::Promise<Result<void>> JobClient::pause(rpc::Backoff& backoff, Status failure) {
  const auto waitMs = backoff.nextMs(failure, host_.random);
  if (!waitMs.has_value()) co_return fail(std::move(failure));
  options_.onRetry(failure, *waitMs);
  co_await host_.timer.afterDelay(*waitMs * kj::MILLISECONDS);
  co_return Result<void>{};
}

// Asks once, and again after failures that a pause may mend. `fill` writes the request, `read`
// takes the value out of an answer without a fault. Both live in the caller's frame.
template <typename Value, typename Ask, typename Read>
kj::Promise<Result<Value>> JobClient::call(std::string what, Ask& ask, Read& read) {
  rpc::Backoff backoff(options_.retry);
  while (true) {
    auto tracker = co_await pool_.get<wire::JobTracker>(options_.jobtracker);
    Status failure(Code::INTERNAL, "");
    if (tracker.has_value()) {
      auto reply = co_await rpc::caught(ask(*tracker),
                                        what + " on the job tracker at " + options_.jobtracker);
      if (reply.has_value()) {
        auto outcome = rpc::fromWire(reply->getFault());
        if (outcome.has_value()) co_return read(*reply);
        failure = std::move(outcome).error();
      } else {
        failure = std::move(reply).error();
        if (failure.code() == Code::UNAVAILABLE) pool_.drop(options_.jobtracker);
      }
    } else {
      failure = std::move(tracker).error();
    }
    auto again = co_await pause(backoff, std::move(failure));
    if (!again.has_value()) co_return fail(std::move(again).error());
  }
}

kj::Promise<Result<NewJob>> JobClient::newJob() {
  auto ask = [this](wire::JobTracker::Client& tracker) {
    auto request = tracker.newJobRequest();
    request.setUser(options_.user);
    return kj::Promise<capnp::Response<wire::JobTracker::NewJobResults>>(request.send());
  };
  auto read = [](auto& reply) {
    return NewJob{rpc::toString(reply.getJob()), rpc::toString(reply.getStagingDirectory())};
  };
  co_return co_await call<NewJob>("newJob", ask, read);
}

kj::Promise<Result<void>> JobClient::submit(std::string job, JobSpec spec) {
  if (spec.user.empty()) spec.user = options_.user;
  auto ask = [&](wire::JobTracker::Client& tracker) {
    auto request = tracker.submitRequest();
    request.setJob(job);
    specTo(spec, request.initSpec());
    return kj::Promise<capnp::Response<wire::JobTracker::SubmitResults>>(request.send());
  };
  auto read = [](auto&) { return true; };
  CO_TRY(co_await call<bool>("submit", ask, read));
  co_return Result<void>{};
}

kj::Promise<Result<JobStatus>> JobClient::status(std::string job, std::uint64_t afterVersion,
                                                 std::uint32_t failuresFrom, bool withCounters) {
  auto ask = [&](wire::JobTracker::Client& tracker) {
    auto request = tracker.statusRequest();
    request.setJob(job);
    request.setAfterVersion(afterVersion);
    request.setFailuresFrom(failuresFrom);
    request.setWithCounters(withCounters);
    return kj::Promise<capnp::Response<wire::JobTracker::StatusResults>>(request.send());
  };
  auto read = [](auto& reply) { return statusFrom(reply.getStatus()); };
  co_return co_await call<JobStatus>("status", ask, read);
}

kj::Promise<Result<JobStatus>> JobClient::wait(std::string job,
                                               kj::Function<void(const JobStatus&)> onChange) {
  std::uint64_t version = 0;
  std::uint32_t failures = 0;
  while (true) {
    CO_ASSIGN(auto status, co_await this->status(job, version, failures, true));
    failures += static_cast<std::uint32_t>(status.failures.size());
    const bool all = failures >= status.failuresTotal;
    version = all ? status.version : 0;
    // The end comes last.
    if (hasEnded(status.state) && !all) status.state = JobState::COMMITTING;
    onChange(status);
    if (hasEnded(status.state)) co_return status;
  }
}

kj::Promise<Result<std::vector<JobStatus>>> JobClient::list(bool all) {
  auto ask = [&](wire::JobTracker::Client& tracker) {
    auto request = tracker.listRequest();
    request.setAll(all);
    return kj::Promise<capnp::Response<wire::JobTracker::ListResults>>(request.send());
  };
  auto read = [](auto& reply) {
    std::vector<JobStatus> jobs;
    for (auto job : reply.getJobs()) jobs.push_back(statusFrom(job));
    return jobs;
  };
  co_return co_await call<std::vector<JobStatus>>("list", ask, read);
}

kj::Promise<Result<void>> JobClient::kill(std::string job) {
  auto ask = [&](wire::JobTracker::Client& tracker) {
    auto request = tracker.killRequest();
    request.setJob(job);
    request.setUser(options_.user);
    return kj::Promise<capnp::Response<wire::JobTracker::KillResults>>(request.send());
  };
  auto read = [](auto&) { return true; };
  CO_TRY(co_await call<bool>("kill", ask, read));
  co_return Result<void>{};
}

kj::Promise<Result<std::vector<TrackerStatus>>> JobClient::trackers() {
  auto ask = [](wire::JobTracker::Client& tracker) {
    return kj::Promise<capnp::Response<wire::JobTracker::TrackersResults>>(
        tracker.trackersRequest().send());
  };
  auto read = [](auto& reply) {
    std::vector<TrackerStatus> trackers;
    for (auto tracker : reply.getTrackers()) {
      trackers.push_back({rpc::toString(tracker.getName()), rpc::toString(tracker.getAddress()),
                          tracker.getNode(), rpc::toString(tracker.getMachine()),
                          rpc::toString(tracker.getRack()), tracker.getMapSlots(),
                          tracker.getReduceSlots(), tracker.getRunningMaps(),
                          tracker.getRunningReduces()});
    }
    return trackers;
  };
  co_return co_await call<std::vector<TrackerStatus>>("trackers", ask, read);
}

}  // namespace cairn::mr
