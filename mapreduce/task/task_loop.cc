#include "mapreduce/task/task_loop.h"

#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "common/rpc/convert.h"
#include "mapreduce/jobtracker/wire_values.h"

namespace cairn::mr {

namespace {

constexpr unsigned FDS_A_MESSAGE = 1;
// Threads that compress and decompress beside the task's own. A node runs several tasks, so more
// would only compete.
constexpr unsigned WORK_THREADS = 1;
constexpr std::size_t WORK_QUEUE_MAX = 4096;
constexpr std::uint32_t KEEP_ALIVE_MS = 5000;
// A result with a segment a reduce, a page of map outputs.
constexpr std::uint64_t MESSAGE_WORDS_MAX = 8 << 20;  // 64 MiB

capnp::ReaderOptions readerOptions() {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = MESSAGE_WORDS_MAX;
  return options;
}

wire::TaskHost::Client hostOf(capnp::RpcSystem<capnp::rpc::twoparty::VatId>& system) {
  capnp::MallocMessageBuilder message(8);
  auto id = message.getRoot<capnp::rpc::twoparty::VatId>();
  id.setSide(capnp::rpc::twoparty::Side::SERVER);
  return system.bootstrap(id).castAs<wire::TaskHost>();
}

rpc::ClientHello peerHello(io::Random& random) {
  rpc::ClientHello hello;
  hello.role = rpc::Role::PEER;
  hello.process = random.uuid();
  return hello;
}

}  // namespace

TaskLoop::TaskLoop(kj::AsyncIoContext& io, int controlFd)
    : random_(io::Random::fromOs()),
      network_(rpc::newSocketNetwork(io)),
      workPool_("cairn-work", WORK_THREADS, WORK_QUEUE_MAX),
      host_{io.provider->getTimer(), clock_, random_, *network_, workPool_, metrics_},
      stream_(io.lowLevelProvider->wrapUnixSocketFd(controlFd,
                                                    kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP)),
      vat_(*stream_, FDS_A_MESSAGE, capnp::rpc::twoparty::Side::CLIENT, readerOptions()),
      system_(capnp::makeRpcClient(vat_)),
      taskHost_(hostOf(system_)),
      tasks_(*this) {
  // Without its tracker the attempt has no use.
  tasks_.add(vat_.onDisconnect().then([this]() { cancelled_ = true; }));
  tasks_.add(keepAlive());
}

TaskLoop::~TaskLoop() noexcept(false) {}

void TaskLoop::taskFailed(kj::Exception&& exception) {
  LOG(WARNING) << "task: " << rpc::fromException(exception, "a background task").toString();
}

kj::Promise<Result<TaskSpec>> TaskLoop::getTask() {
  using Reply = capnp::Response<wire::TaskHost::GetTaskResults>;
  CO_ASSIGN(auto reply, co_await rpc::caught(kj::Promise<Reply>(taskHost_.getTaskRequest().send()),
                                             "asking the task tracker for the task"));
  CO_TRY(rpc::fromWire(reply.getFault()));
  const auto task = reply.getTask();
  CO_ASSIGN(spec_.attempt, AttemptId::parse(rpc::toView(task.getAttempt())));
  spec_.maps = task.getMaps();
  spec_.reduces = task.getReduces();
  spec_.split.path = rpc::toString(task.getSplit().getPath());
  spec_.split.offset = task.getSplit().getOffset();
  spec_.split.length = task.getSplit().getLength();
  spec_.split.chunkBytes = task.getSplit().getChunkBytes();
  spec_.conf = confFrom(task.getConf());
  spec_.scratchDir = rpc::toString(task.getScratchDirectory());
  outputDirectory_ = rpc::toString(task.getOutputDirectory());
  machine_ = rpc::toString(task.getMachine());
  outputReplication_ = static_cast<std::uint16_t>(
      std::clamp<std::int64_t>(spec_.conf.getInt("dfs.replication", 0), 0, 512));

  client::Options options;
  options.namenode = rpc::toString(task.getNamenode());
  options.user = rpc::toString(task.getUser());
  options.machine = machine_;
  options.localNode = NodeId(task.getNode());
  files_ = std::make_unique<client::FileSystem>(host_, options);
  if (spec_.attempt.task.kind == TaskKind::REDUCE) {
    fetcher_ = std::make_unique<SegmentFetcher>(host_, taskHost_, spec_.attempt.task.job,
                                                spec_.maps, machine_, peerHello(random_));
  }
  co_return spec_;
}

kj::Promise<Result<kj::Own<client::FileReader>>> TaskLoop::openInput(std::string path) {
  return files_->open(std::move(path));
}

kj::Promise<Result<std::optional<FetchedSegment>>> TaskLoop::nextSegment() {
  if (fetcher_ == nullptr) {
    return Result<std::optional<FetchedSegment>>(
        fail(Code::INVALID_ARGUMENT, "only a reduce has segments"));
  }
  return fetcher_->next();
}

kj::Promise<Result<void>> TaskLoop::rejectSegment(std::uint32_t map, std::uint32_t attempt,
                                                  Status why) {
  return fetcher_->reject(map, attempt, std::move(why));
}

kj::Promise<Result<kj::Own<client::FileWriter>>> TaskLoop::createOutput(std::string name) {
  // The directory above was made by the job tracker. If it is gone, so is the job, and nothing
  // must come back to life.
  if (!outputDirectoryMade_) {
    CO_TRY(co_await files_->mkdirs(outputDirectory_, 0755, false));
    outputDirectoryMade_ = true;
  }
  CreateOptions options;
  options.createParents = false;
  options.replication = outputReplication_;
  CO_ASSIGN(auto writer, co_await files_->create(outputDirectory_ + "/" + name, options));
  if (std::ranges::find(outputs_, name) == outputs_.end()) outputs_.push_back(std::move(name));
  co_return kj::mv(writer);
}

void TaskLoop::report(float progress, std::string phase, std::string status, CounterSet counters) {
  progress_ = progress;
  phase_ = std::move(phase);
  status_ = std::move(status);
  counters_ = std::move(counters);
  sendReport();
}

void TaskLoop::sendReport() {
  auto request = taskHost_.reportRequest();
  request.setProgress(progress_);
  request.setPhase(phase_);
  request.setStatus(status_);
  countersTo(counters_, request.initCounters(static_cast<unsigned>(counters_.all().size())));
  tasks_.add(request.send().then(
      [this](capnp::Response<wire::TaskHost::ReportResults> reply) {
        if (!rpc::fromWire(reply.getFault()).has_value()) cancelled_ = true;
      },
      [this](kj::Exception&&) { cancelled_ = true; }));
}

kj::Promise<void> TaskLoop::keepAlive() {
  while (true) {
    co_await host_.timer.afterDelay(KEEP_ALIVE_MS * kj::MILLISECONDS);
    if (waiting_) sendReport();
  }
}

kj::Promise<Result<void>> TaskLoop::commit() {
  auto request = taskHost_.commitRequest();
  auto files = request.initFiles(static_cast<unsigned>(outputs_.size()));
  for (unsigned i = 0; i < outputs_.size(); ++i) files[i].setName(outputs_[i]);
  using Reply = capnp::Response<wire::TaskHost::CommitResults>;
  CO_ASSIGN(auto reply,
            co_await rpc::caught(kj::Promise<Reply>(request.send()), "asking to commit"));
  CO_TRY(rpc::fromWire(reply.getFault()));
  if (!reply.getGranted()) {
    co_return fail(Code::CANCELLED, "another attempt of the task has won");
  }
  co_return Result<void>{};
}

kj::Promise<Result<void>> TaskLoop::finished(const Result<TaskOutcome>& outcome) {
  auto request = taskHost_.finishedRequest();
  if (outcome.has_value()) {
    const auto& counters = outcome->counters;
    countersTo(counters, request.initCounters(static_cast<unsigned>(counters.all().size())));
    if (spec_.attempt.task.kind == TaskKind::MAP && spec_.reduces > 0) {
      auto output = request.initOutcome().initMapOutput();
      output.setPath(outcome->mapOutputPath);
      const auto& partitions = outcome->mapOutput.partitions;
      auto segments = output.initSegments(static_cast<unsigned>(partitions.size()));
      for (unsigned i = 0; i < partitions.size(); ++i) {
        segments[i].setOffset(partitions[i].offset);
        segments[i].setLength(partitions[i].lengthBytes);
        segments[i].setRecords(partitions[i].records);
        segments[i].setPlainLength(partitions[i].plainBytes);
        segments[i].setCrc32c(partitions[i].crc32c);
      }
    } else {
      request.initOutcome().setCommitted();
    }
  } else {
    countersTo(counters_, request.initCounters(static_cast<unsigned>(counters_.all().size())));
    request.initOutcome().setFailed(outcome.error().message());
  }
  using Reply = capnp::Response<wire::TaskHost::FinishedResults>;
  CO_ASSIGN(auto reply, co_await rpc::caught(kj::Promise<Reply>(request.send()),
                                             "reporting the end of the task"));
  co_return rpc::fromWire(reply.getFault());
}

}  // namespace cairn::mr
