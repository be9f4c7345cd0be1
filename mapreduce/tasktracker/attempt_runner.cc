#include "mapreduce/tasktracker/attempt_runner.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "common/base/fault.h"
#include "common/log/log.h"
#include "common/rpc/convert.h"
#include "mapreduce/api/task_runtime.h"
#include "mapreduce/jobtracker/wire_values.h"
#include "mapreduce/tasktracker/task_host.h"

namespace cairn::mr {

namespace {

// One message of a task: a report with its counters, or a result with a segment a reduce.
constexpr std::uint64_t TASK_MESSAGE_WORDS_MAX = 4 << 20;  // 32 MiB
constexpr unsigned FDS_A_MESSAGE = 1;
// Of the lines that a program says about itself, and of why it failed; the rest is cut off.
constexpr std::size_t STATUS_BYTES_MAX = 1024;
constexpr std::size_t PHASE_BYTES_MAX = 64;
constexpr std::size_t FAILURE_BYTES_MAX = 4096;
// The pipes of a task whose processes are all gone are at their end; this is for one that escaped.
constexpr std::uint32_t LOG_END_MS = 1000;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

AttemptRunner::AttemptRunner(TrackerServices& services, AttemptId id,
                             wire::TaskLaunch::Reader launch)
    : services_(services),
      id_(id),
      stdout_(services.host.workPool, services.layout.logs(id) + "/stdout",
              services.options.logBytesMax),
      stderr_(services.host.workPool, services.layout.logs(id) + "/stderr",
              services.options.logBytesMax) {
  launchMessage_.setRoot(launch);
  launch_ = launchMessage_.getRoot<wire::TaskLaunch>().asReader();
}

AttemptRunner::~AttemptRunner() noexcept(false) {}

std::string AttemptRunner::confValue(std::string_view key) const {
  for (auto property : launch_.getConf()) {
    if (rpc::toView(property.getKey()) == key) return rpc::toString(property.getValue());
  }
  return {};
}

std::uint32_t AttemptRunner::timeoutMs() const {
  const auto own = number(confValue("mapreduce.task.timeout"));
  if (!own) return services_.options.taskTimeoutMs;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(*own, std::numeric_limits<std::uint32_t>::max()));
}

std::uint64_t AttemptRunner::memoryBytes() const {
  const auto most = services_.options.taskMemoryBytesMax;
  const auto own =
      number(confValue(isReduce() ? "mapreduce.reduce.memory.mb" : "mapreduce.map.memory.mb"));
  if (!own || *own == 0) return most;
  const auto bytes = std::min<std::uint64_t>(*own, 1 << 24) << 20;
  return most == 0 ? bytes : std::min(bytes, most);
}

void AttemptRunner::kill(std::string reason, bool blameless, bool silent) {
  silent_ = silent_ || silent;
  if (silent) silenced_.fulfiller->fulfill();
  if (!killReason_.empty()) return;
  killReason_ = std::move(reason);
  blameless_ = blameless;
  killed_.fulfiller->fulfill();
  killChild();
}

void AttemptRunner::killChild() {
  KJ_IF_MAYBE (child, child_) {
    (*child)->kill();
    killAgain_ = services_.host.timer.afterDelay(services_.options.killGraceMs * kj::MILLISECONDS)
                     .then([this]() {
                       KJ_IF_MAYBE (stubborn, child_) {
                         LOG(WARNING) << id_.toString() << " has not ended, its guard is killed";
                         (*stubborn)->killGuard();
                       }
                     })
                     .eagerlyEvaluate(nullptr);
  }
}

kj::Promise<Result<ChildSpec>> AttemptRunner::prepare() {
  const auto& options = services_.options;
  CO_TRY(co_await services_.host.workPool.run(
      [layout = services_.layout, id = id_, uid = options.taskUid, gid = options.taskGid]() {
        return makeAttemptDirectories(layout, id, uid, gid);
      }));
  ChildSpec spec;
  const auto program = launch_.getProgram();
  if (program.isStaged()) {
    const auto staged = program.getStaged();
    auto fetched = services_.localizer.program(
        id_.task.job, rpc::toString(launch_.getUser()),
        {rpc::toString(staged.getPath()), staged.getLength(), staged.getCrc32c()});
    // The file system may take its time; who wants the attempt gone does not wait for it.
    auto killed = killed_.promise.addBranch().then(
        [this]() -> Result<std::string> { return fail(Code::CANCELLED, killReason_); });
    CO_ASSIGN(spec.program, co_await fetched.exclusiveJoin(kj::mv(killed)));
  } else {
    spec.program = options.cairnBinary;
  }
  spec.args.emplace_back(TASK_FLAG);
  for (auto arg : program.getArgs()) spec.args.push_back(rpc::toString(arg));
  spec.workingDirectory = services_.layout.scratch(id_);
  spec.environment = options.taskEnvironment;
  spec.environment.push_back("TMPDIR=" + spec.workingDirectory);
  spec.environment.push_back("HOME=" + spec.workingDirectory);
  spec.environment.push_back("CAIRN_ATTEMPT=" + id_.toString());
  spec.limits = {.addressSpaceBytes = memoryBytes(),
                 .fileBytes = options.taskFileBytesMax,
                 .openFiles = options.taskOpenFilesMax,
                 .uid = options.taskUid,
                 .gid = options.taskGid};
  co_return spec;
}

kj::Promise<Result<ChildExit>> AttemptRunner::execute() {
  CO_ASSIGN(const auto spec, co_await prepare());
  CO_TRY(faultError("tt.attempt.before_start"));
  if (!killReason_.empty()) co_return fail(Code::CANCELLED, killReason_);
  CO_ASSIGN(auto started, services_.children.start(spec));
  auto& child = *started;
  child_ = kj::mv(started);
  LOG(INFO) << id_.toString() << " runs as process " << child.pid();
  services_.metrics.started.add();
  lastReportMicros_ = services_.host.clock.monotonicMicros();

  const auto handle = std::make_shared<AttemptHandle>();
  handle->attempt = this;
  KJ_DEFER({
    handle->attempt = nullptr;
    handle->calls.cancel(KJ_EXCEPTION(DISCONNECTED, "the attempt is over"));
    child_ = nullptr;
  });
  auto control = child.takeControl();
  capnp::ReaderOptions readerOptions;
  readerOptions.traversalLimitInWords = TASK_MESSAGE_WORDS_MAX;
  capnp::TwoPartyVatNetwork network(*control, FDS_A_MESSAGE, capnp::rpc::twoparty::Side::SERVER,
                                    readerOptions);
  auto system = capnp::makeRpcServer(network, newTaskHost(handle));
  auto logs = kj::heapArrayBuilder<kj::Promise<void>>(2);
  logs.add(stdout_.collect(child.takeStdout()));
  logs.add(stderr_.collect(child.takeStderr()));
  auto logsEnd = kj::joinPromises(logs.finish()).eagerlyEvaluate([](kj::Exception&&) {});
  auto watch = watchProgress().eagerlyEvaluate([](kj::Exception&&) {});

  const auto exit = co_await child.exited();
  watch = nullptr;
  killAgain_ = nullptr;
  co_await logsEnd.exclusiveJoin(services_.host.timer.afterDelay(LOG_END_MS * kj::MILLISECONDS));
  co_return exit;
}

kj::Promise<void> AttemptRunner::watchProgress() {
  const auto limitMs = timeoutMs();
  if (limitMs == 0) co_return;
  const auto limitMicros = std::int64_t{limitMs} * 1000;
  while (true) {
    const auto silent = services_.host.clock.monotonicMicros() - lastReportMicros_;
    if (silent >= limitMicros) break;
    co_await services_.host.timer.afterDelay((limitMicros - silent) * kj::MICROSECONDS);
  }
  // Hadoop's words; people search for them.
  kill("Task " + id_.toString() + " failed to report status for " +
           std::to_string((limitMs + 999) / 1000) + " seconds. Killing!",
       false);
}

kj::Promise<void> AttemptRunner::run() {
  std::string message;
  auto exit = co_await execute();
  if (failure_) {
    message = *failure_;
  } else if (!killReason_.empty()) {
    message = killReason_;
  } else if (!exit.has_value()) {
    message = exit.error().message();
  } else if (exit->ok()) {
    message = "the task ended without a result";
  } else {
    message = "the task " + exit->describe();
    if (exit->signaled && exit->value == 9) message += "; perhaps the machine is out of memory";
  }
  if (message.size() > FAILURE_BYTES_MAX) message.resize(FAILURE_BYTES_MAX);
  // A job tracker that is away is waited for, unless the job is over or this tracker stops.
  if (!settled())
    co_await reportFailure(std::move(message)).exclusiveJoin(silenced_.promise.addBranch());
  co_await services_.host.workPool.run(
      [path = services_.layout.scratch(id_)]() { (void)removeTree(path); });
}

kj::Promise<void> AttemptRunner::reportFailure(std::string message) {
  LOG(WARNING) << id_.toString() << ": " << message;
  services_.metrics.failed.add();
  // A fault point that says "error" here stands for a report that got lost: the job tracker finds
  // out by itself when the tracker registers again.
  if (!faultError("tt.attempt.before_report").has_value()) co_return;
  auto send = [this, &message](wire::TrackerSession::Client& session) {
    auto request = session.finishedRequest();
    auto result = request.initResult();
    result.setAttempt(id_.toString());
    countersTo(counters_, result.initCounters(static_cast<unsigned>(counters_.all().size())));
    auto failed = result.initFailed();
    failed.setMessage(message);
    failed.setStderrTail(stderr_.tail());
    failed.setKilled(blameless_);
    return request.send();
  };
  auto reply = co_await services_.link.reliably<wire::TrackerSession::FinishedResults>(
      std::move(send), "reporting a failed attempt");
  if (!reply.has_value()) {
    LOG(WARNING) << id_.toString()
                 << ": the job tracker refused its end: " << reply.error().toString();
  }
  acknowledged_ = true;
}

void AttemptRunner::describe(wire::TaskDescription::Builder to) const {
  const auto& options = services_.options;
  to.setAttempt(id_.toString());
  to.setMaps(launch_.getMaps());
  to.setReduces(launch_.getReduces());
  to.setSplit(launch_.getSplit());
  to.setConf(launch_.getConf());
  to.setScratchDirectory(services_.layout.scratch(id_));
  to.setOutputDirectory(launch_.getOutputDirectory());
  to.setNamenode(options.namenode);
  to.setUser(launch_.getUser());
  to.setMachine(options.machine);
  to.setNode(options.node.value);
}

Result<void> AttemptRunner::report(float progress, std::string phase, std::string status,
                                   CounterSet counters) {
  lastReportMicros_ = services_.host.clock.monotonicMicros();
  progress_ = progress;
  phase_ = std::move(phase);
  if (phase_.size() > PHASE_BYTES_MAX) phase_.resize(PHASE_BYTES_MAX);
  status_ = std::move(status);
  if (status_.size() > STATUS_BYTES_MAX) status_.resize(STATUS_BYTES_MAX);
  if (!counters.all().empty()) counters_ = std::move(counters);
  dirty_ = true;
  services_.link.progressChanged();
  if (!killReason_.empty()) return fail(Code::CANCELLED, killReason_);
  return {};
}

void AttemptRunner::reject(std::string why) {
  if (!failure_) failure_ = std::move(why);
  killChild();
}

void AttemptRunner::shuffled() {
  lastReportMicros_ = services_.host.clock.monotonicMicros();
  shuffled_ = true;
  dirty_ = true;
  services_.link.progressChanged();
}

void AttemptRunner::takeProgress(wire::AttemptProgress::Builder to) {
  dirty_ = false;
  to.setAttempt(id_.toString());
  to.setProgress(progress_);
  to.setPhase(phase_);
  to.setStatus(status_);
  countersTo(counters_, to.initCounters(static_cast<unsigned>(counters_.all().size())));
  to.setShuffled(shuffled_);
}

kj::Promise<Result<bool>> AttemptRunner::commit(std::vector<std::string> files) {
  auto send = [id = id_.toString(), &files](wire::TrackerSession::Client& session) {
    auto request = session.commitRequest();
    request.setAttempt(id);
    auto list = request.initFiles(static_cast<unsigned>(files.size()));
    for (unsigned i = 0; i < files.size(); ++i) list[i].setName(files[i]);
    return request.send();
  };
  CO_ASSIGN(auto reply, co_await services_.link.reliably<wire::TrackerSession::CommitResults>(
                            std::move(send), "asking to commit"));
  // Waiting for the answer is not being stuck.
  lastReportMicros_ = services_.host.clock.monotonicMicros();
  co_return reply.getGranted();
}

kj::Promise<Result<void>> AttemptRunner::finished(CounterSet counters,
                                                  wire::TaskOutcome::Reader outcome) {
  lastReportMicros_ = services_.host.clock.monotonicMicros();
  counters_ = std::move(counters);
  if (outcome.isFailed()) {
    // Told to the job tracker with the last lines of stderr, once the process has ended.
    failure_ = rpc::toString(outcome.getFailed());
    co_return Result<void>{};
  }
  if (outcome.isMapOutput()) {
    const auto output = outcome.getMapOutput();
    if (output.getSegments().size() != launch_.getReduces()) {
      failure_ = "its map output does not fit the job";
      co_return fail(Code::INVALID_ARGUMENT, *failure_);
    }
    std::uint64_t end = 0;
    for (auto segment : output.getSegments()) {
      if (segment.getLength() == 0) continue;
      // What a task says may be anything: a sum that does not fit is behind the end of any file.
      const auto room = std::numeric_limits<std::uint64_t>::max() - segment.getOffset();
      end = std::max(end, segment.getOffset() + std::min(segment.getLength(), room));
    }
    auto kept = co_await services_.host.workPool.run(
        [layout = services_.layout, id = id_, path = rpc::toString(output.getPath()), end]() {
          return keepMapOutput(layout, id, path, end);
        });
    if (!kept.has_value()) {
      failure_ = kept.error().message();
      co_return fail(std::move(kept).error());
    }
    onOutputKept(id_, *kept);
  }
  CO_TRY(faultError("tt.attempt.before_report"));
  auto send = [&](wire::TrackerSession::Client& session) {
    auto request = session.finishedRequest();
    auto result = request.initResult();
    result.setAttempt(id_.toString());
    countersTo(counters_, result.initCounters(static_cast<unsigned>(counters_.all().size())));
    if (outcome.isMapOutput()) {
      result.setMapOutput(outcome.getMapOutput().getSegments());
    } else {
      result.setCommitted();
    }
    return request.send();
  };
  CO_TRY(co_await services_.link.reliably<wire::TrackerSession::FinishedResults>(
      std::move(send), "reporting a finished attempt"));
  acknowledged_ = true;
  co_return Result<void>{};
}

}  // namespace cairn::mr
