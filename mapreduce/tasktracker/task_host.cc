#include "mapreduce/tasktracker/task_host.h"

#include <fcntl.h>
#include <kj/debug.h>

#include <cerrno>
#include <set>
#include <string>
#include <utility>

#include "common/rpc/convert.h"
#include "mapreduce/api/unique_fd.h"
#include "mapreduce/jobtracker/wire_values.h"
#include "mapreduce/tasktracker/attempt_runner.h"

namespace cairn::mr {

namespace {

// What a task says goes on to the job tracker: it must fit a message there, or the connection would
// break again and again. More than the job tracker accepts, which then says so.
constexpr unsigned COUNTERS_MAX = 2000;
constexpr std::size_t COUNTER_NAMES_BYTES_MAX = 512 << 10;
constexpr unsigned OUTPUT_FILES_MAX = 2000;
constexpr std::size_t OUTPUT_NAMES_BYTES_MAX = 512 << 10;
constexpr std::size_t REASON_BYTES_MAX = 4096;

Result<void> checkCounters(capnp::List<wire::CounterValue>::Reader counters) {
  std::size_t bytes = 0;
  for (auto counter : counters) bytes += counter.getGroup().size() + counter.getName().size();
  if (counters.size() <= COUNTERS_MAX && bytes <= COUNTER_NAMES_BYTES_MAX) return {};
  return fail(Code::LIMIT_EXCEEDED,
              "a task has at most " + std::to_string(COUNTERS_MAX) + " counters, with names of " +
                  std::to_string(COUNTER_NAMES_BYTES_MAX) + " bytes together");
}

class OpenOutput final : public wire::MapOutputFile::Server {
public:
  explicit OpenOutput(UniqueFd fd) : fd_(std::move(fd)) {}
  kj::Maybe<int> getFd() override { return fd_.get(); }

private:
  UniqueFd fd_;
};

class TaskHost final : public wire::TaskHost::Server {
public:
  explicit TaskHost(std::shared_ptr<AttemptHandle> handle) : handle_(std::move(handle)) {}

  kj::Promise<void> getTask(GetTaskContext context) override {
    attempt().describe(context.getResults().initTask());
    return kj::READY_NOW;
  }

  kj::Promise<void> report(ReportContext context) override {
    const auto params = context.getParams();
    if (const auto few = checkCounters(params.getCounters()); !few.has_value()) {
      // Told once more when the attempt ends, which it does now.
      attempt().reject(few.error().message());
      answer(context, few);
      return kj::READY_NOW;
    }
    answer(context,
           attempt().report(params.getProgress(), rpc::toString(params.getPhase()),
                            rpc::toString(params.getStatus()), countersFrom(params.getCounters())));
    return kj::READY_NOW;
  }

  kj::Promise<void> mapOutputs(MapOutputsContext context) override {
    using Results = wire::TrackerSession::MapOutputsResults;
    const auto after = context.getParams().getAfterVersion();
    const auto& id = attempt().id();
    const auto job = id.task.job.toString();
    const auto reduce = id.task.index;
    context.allowCancellation();
    auto send = [job, reduce, after](wire::TrackerSession::Client& session) {
      auto request = session.mapOutputsRequest();
      request.setJob(job);
      request.setReduce(reduce);
      request.setAfterVersion(after);
      return request.send();
    };
    auto reply = co_await handle_->calls.wrap(
        attempt().services().link.reliably<Results>(std::move(send), "asking for map outputs"));
    auto results = context.getResults();
    if (!reply.has_value()) {
      rpc::toWire(reply.error(), results.initFault());
      co_return;
    }
    for (auto output : reply->getOutputs()) {
      const auto directory = rpc::toView(output.getDirectory());
      if (!directories_.contains(directory)) directories_.emplace(directory);
    }
    results.setVersion(reply->getVersion());
    results.setOutputs(reply->getOutputs());
  }

  kj::Promise<void> openMapOutput(OpenMapOutputContext context) override {
    const auto output = context.getParams().getOutput();
    const AttemptId id{{attempt().id().task.job, TaskKind::MAP, output.getMap()},
                       output.getAttempt()};
    // A task chooses among the directories that the job tracker has named, and which attempt's
    // output it gets; never a path.
    const auto path = Layout(rpc::toString(output.getDirectory())).output(id);
    UniqueFd fd;
    if (output.getMachine() == attempt().services().options.machine.c_str() &&
        directories_.contains(rpc::toView(output.getDirectory()))) {
      fd.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    }
    if (fd) {
      attempt().services().metrics.descriptors.add();
      context.getResults().setFile(kj::heap<OpenOutput>(std::move(fd)));
    } else {
      answer(context, fail(Code::NOT_FOUND, path + " cannot be opened here"));
    }
    return kj::READY_NOW;
  }

  kj::Promise<void> mapOutputLost(MapOutputLostContext context) override {
    const auto params = context.getParams();
    auto reason = rpc::fromWire(params.getReason());
    if (reason.has_value()) reason = fail(Code::UNAVAILABLE, "no reason was given");
    if (reason.error().message().size() > REASON_BYTES_MAX) {
      reason = fail(reason.error().code(), reason.error().message().substr(0, REASON_BYTES_MAX));
    }
    const auto& id = attempt().id();
    auto send = [job = id.task.job.toString(), reporter = id.toString(), map = params.getMap(),
                 number = params.getAttempt(),
                 why = reason.error()](wire::TrackerSession::Client& session) {
      auto request = session.mapOutputLostRequest();
      request.setJob(job);
      request.setMap(map);
      request.setAttempt(number);
      request.setReporter(reporter);
      rpc::toWire(why, request.initReason());
      return request.send();
    };
    auto reply = co_await handle_->calls.wrap(
        attempt().services().link.reliably<wire::TrackerSession::MapOutputLostResults>(
            std::move(send), "reporting a lost map output"));
    if (!reply.has_value()) rpc::toWire(reply.error(), context.getResults().initFault());
  }

  kj::Promise<void> shuffled(ShuffledContext) override {
    attempt().shuffled();
    return kj::READY_NOW;
  }

  kj::Promise<void> commit(CommitContext context) override {
    std::vector<std::string> files;
    std::size_t bytes = 0;
    for (auto file : context.getParams().getFiles()) {
      files.push_back(rpc::toString(file.getName()));
      bytes += files.back().size();
    }
    if (files.size() > OUTPUT_FILES_MAX || bytes > OUTPUT_NAMES_BYTES_MAX) {
      answer(context, fail(Code::LIMIT_EXCEEDED, "too many output files"));
      co_return;
    }
    const auto granted = co_await handle_->calls.wrap(attempt().commit(std::move(files)));
    if (granted.has_value()) {
      context.getResults().setGranted(*granted);
    } else {
      rpc::toWire(granted.error(), context.getResults().initFault());
    }
  }

  kj::Promise<void> finished(FinishedContext context) override {
    const auto params = context.getParams();
    if (const auto few = checkCounters(params.getCounters()); !few.has_value()) {
      attempt().reject(few.error().message());
      answer(context, few);
      co_return;
    }
    answer(context, co_await handle_->calls.wrap(attempt().finished(
                        countersFrom(params.getCounters()), params.getOutcome())));
  }

private:
  AttemptRunner& attempt() {
    KJ_REQUIRE(handle_->attempt != nullptr, "the attempt is over");
    return *handle_->attempt;
  }
  template <typename Context>
  static void answer(Context& context, const Result<void>& result) {
    if (!result.has_value()) rpc::toWire(result.error(), context.getResults().initFault());
  }

  const std::shared_ptr<AttemptHandle> handle_;
  std::set<std::string, std::less<>> directories_;  // of trackers that hold outputs of the job
};

}  // namespace

wire::TaskHost::Client newTaskHost(std::shared_ptr<AttemptHandle> handle) {
  return kj::heap<TaskHost>(std::move(handle));
}

}  // namespace cairn::mr
