#include "mapreduce/tasktracker/server.h"

#include <kj/debug.h>
#include <kj/vector.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "client/core/file_system.h"
#include "common/io/posix_disk.h"
#include "common/log/log.h"
#include "common/rpc/acceptor.h"
#include "mapreduce/jobtracker/wire_values.h"
#include "mapreduce/tasktracker/attempt_runner.h"
#include "mapreduce/tasktracker/map_output_service.h"
#include "mapreduce/tasktracker/services.h"

namespace cairn::mr {

namespace {

constexpr char LOCK_FILE[] = "lock";
constexpr std::uint32_t FIND_NODE_CALL_MS = 2000;
constexpr std::uint32_t FIND_NODE_FIRST_MS = 200;
constexpr std::uint32_t FIND_NODE_CEILING_MS = 5000;

TaskTrackerOptions resolved(TaskTrackerOptions options) {
  std::error_code error;
  auto directory = std::filesystem::absolute(options.directory, error);
  if (!error) options.directory = directory.lexically_normal().string();
  while (options.directory.size() > 1 && options.directory.back() == '/') {
    options.directory.pop_back();
  }
  // Said once and for all: the link means another program to each process that follows it.
  if (options.cairnBinary == "/proc/self/exe") {
    auto self = std::filesystem::read_symlink(options.cairnBinary, error);
    if (!error) options.cairnBinary = self.string();
  }
  return options;
}

client::Options fileOptions(const TaskTrackerOptions& options) {
  client::Options files;
  files.namenode = options.namenode;
  files.machine = options.machine;
  files.localNode = options.node;
  return files;
}

}  // namespace

struct TaskTrackerServer::Impl final : private LinkClient, private kj::TaskSet::ErrorHandler {
  Impl(rpc::Host& host, Children& children, TaskTrackerOptions asked)
      : host(host),
        options(resolved(std::move(asked))),
        layout(options.directory),
        boot(host.random.uuid()),
        link(host, *this, hello(), options.jobtracker),
        localizer(host, layout, fileOptions(options)),
        metrics(host.metrics),
        services{host, options, layout, children, link, localizer, metrics},
        handle(std::make_shared<Impl*>(this)),
        tasks(*this) {}
  ~Impl() noexcept(false) { *handle = nullptr; }

  struct Running {
    explicit Running(TrackerServices& services, AttemptId id, wire::TaskLaunch::Reader launch)
        : attempt(services, id, launch) {}
    AttemptRunner attempt;
    kj::Vector<kj::Own<kj::PromiseFulfiller<void>>> watchers;  // of its end
    kj::Promise<void> life = nullptr;
  };

  // The object that the job tracker holds.
  class Service final : public wire::TaskTracker::Server {
  public:
    explicit Service(Impl& impl) : impl_(impl), handle_(impl.handle) {}

    kj::Promise<void> launch(LaunchContext context) override {
      if (*handle_ == nullptr) return KJ_EXCEPTION(DISCONNECTED, "the task tracker stops");
      for (auto launch : context.getParams().getAttempts()) {
        auto id = AttemptId::parse(rpc::toView(launch.getAttempt()));
        if (id.has_value()) {
          impl_.start(*id, launch);
        } else {
          rpc::toWire(id.error(), context.getResults().initFault());
        }
      }
      return kj::READY_NOW;
    }

    kj::Promise<void> kill(KillContext context) override {
      if (*handle_ == nullptr) return kj::READY_NOW;
      for (auto text : context.getParams().getAttempts()) {
        const auto id = AttemptId::parse(rpc::toView(text));
        if (!id.has_value()) continue;
        const auto at = impl_.running_.find(*id);
        if (at == impl_.running_.end()) continue;
        at->second->attempt.kill(rpc::toString(context.getParams().getReason()), true);
      }
      return kj::READY_NOW;
    }

    kj::Promise<void> forget(ForgetContext context) override {
      if (*handle_ == nullptr) return kj::READY_NOW;
      return impl_.calls.wrap(impl_.forgetJobs(textsFrom(context.getParams().getJobs())));
    }

  private:
    Impl& impl_;
    const std::shared_ptr<Impl*> handle_;
  };

  rpc::ClientHello hello() {
    rpc::ClientHello hello;
    hello.role = rpc::Role::TASK_TRACKER;
    hello.cluster = options.cluster;
    hello.process = boot;
    return hello;
  }

  // --- LinkClient ---
  void describe(wire::TrackerInfo::Builder to) override {
    rpc::toWire(uuid, to.initUuid());
    rpc::toWire(boot, to.initBoot());
    to.setName(options.name.empty() ? acceptor->address() : options.name);
    to.setAddress(acceptor->address());
    to.setMachine(options.machine);
    to.setRack(options.rack);
    to.setNode(options.node.value);
    to.setMapSlots(options.mapSlots);
    to.setReduceSlots(options.reduceSlots);
    to.setDirectory(options.directory);
  }
  wire::TaskTracker::Client self() override { return kj::heap<Service>(*this); }
  std::vector<std::string> running() override {
    std::vector<std::string> ids;
    for (const auto& [id, running] : running_) {
      if (running->attempt.settled()) continue;
      ids.push_back(id.toString());
      running->attempt.tellProgressAgain();
    }
    return ids;
  }
  std::vector<std::pair<std::string, std::uint64_t>> held() override {
    std::vector<std::pair<std::string, std::uint64_t>> outputs;
    for (const auto& [id, length] : held_) outputs.emplace_back(id.toString(), length);
    return outputs;
  }
  std::vector<std::string> jobs() override {
    std::vector<std::string> ids;
    for (const auto& id : jobs_) ids.push_back(id.toString());
    return ids;
  }
  void forget(const std::vector<std::string>& jobs) override { tasks.add(forgetJobs(jobs)); }
  void takeProgress(
      kj::FunctionParam<capnp::List<wire::AttemptProgress>::Builder(unsigned)> init) override {
    std::vector<AttemptRunner*> changed;
    for (auto& [id, running] : running_) {
      if (running->attempt.progressDirty() && !running->attempt.settled()) {
        changed.push_back(&running->attempt);
      }
    }
    auto list = init(static_cast<unsigned>(changed.size()));
    for (unsigned i = 0; i < changed.size(); ++i) changed[i]->takeProgress(list[i]);
  }

  void taskFailed(kj::Exception&& exception) override {
    LOG(ERROR) << "task tracker: " << rpc::fromException(exception, "a background task").toString();
  }

  // --- Attempts ---
  void start(AttemptId id, wire::TaskLaunch::Reader launch) {
    if (stopping || running_.contains(id)) return;
    auto running = std::make_shared<Running>(services, id, launch);
    running->attempt.onOutputKept = [this](const AttemptId& kept, std::uint64_t length) {
      held_[kept] = length;
      countHeld();
    };
    running_.emplace(id, running);
    jobs_.insert(id.task.job);
    metrics.running.set(static_cast<std::int64_t>(running_.size()));
    running->life = running->attempt.run()
                        .catch_([this](kj::Exception&& e) { taskFailed(kj::mv(e)); })
                        .then([this, id]() { ended(id); })
                        .eagerlyEvaluate(nullptr);
  }

  void ended(const AttemptId& id) {
    auto at = running_.find(id);
    auto running = std::move(at->second);
    running_.erase(at);
    metrics.running.set(static_cast<std::int64_t>(running_.size()));
    for (auto& watcher : running->watchers) watcher->fulfill();
    // Its promise is what is running now: it goes in a later turn.
    tasks.add(kj::evalLater([running = std::move(running)]() {}));
  }

  void countHeld() { metrics.outputsHeld.set(static_cast<std::int64_t>(held_.size())); }

  // Settles when the attempt has ended.
  kj::Promise<void> endOf(Running& running) {
    auto paf = kj::newPromiseAndFulfiller<void>();
    running.watchers.add(kj::mv(paf.fulfiller));
    return kj::mv(paf.promise);
  }

  kj::Promise<void> forgetJobs(std::vector<std::string> jobs) {
    for (const auto& text : jobs) {
      const auto job = JobId::parse(text);
      if (!job.has_value()) continue;
      kj::Vector<kj::Promise<void>> ends;
      for (auto& [id, running] : running_) {
        if (id.task.job != *job) continue;
        running->attempt.kill("the job is over", true, true);
        ends.add(endOf(*running));
      }
      co_await kj::joinPromises(ends.releaseAsArray());
      std::erase_if(held_, [&](const auto& entry) { return entry.first.task.job == *job; });
      countHeld();
      localizer.forget(*job);
      auto removed = co_await host.workPool.run([layout = layout, job = *job]() {
        auto removed = removeTree(layout.job(job));
        pruneLogs(layout);
        return removed;
      });
      // What cannot be removed now is named at the next registration, and tried again then.
      if (removed.has_value()) {
        jobs_.erase(*job);
      } else {
        LOG(WARNING) << removed.error().toString();
      }
    }
  }

  // Which datanode stands beside this tracker, by its address; whether that is known now.
  kj::Promise<bool> findNode() {
    auto fileOptions = mr::fileOptions(options);
    fileOptions.retry.budgetMs = 0;
    fileOptions.namenodeCallMs = FIND_NODE_CALL_MS;
    client::FileSystem files(host, fileOptions);
    auto report = co_await files.report();
    if (!report.has_value()) co_return false;
    for (const auto& datanode : report->datanodes) {
      if (datanode.address.address != options.datanode) continue;
      options.node = NodeId(datanode.address.node);
      if (options.rack.empty()) options.rack = datanode.address.rack;
      co_return true;
    }
    co_return false;
  }

  // The datanode may start later than this tracker. Until it is known, no task is local here.
  kj::Promise<void> learnNode() {
    for (auto waitMs = FIND_NODE_FIRST_MS;; waitMs = std::min(waitMs * 2, FIND_NODE_CEILING_MS)) {
      co_await host.timer.afterDelay(waitMs * kj::MILLISECONDS);
      if (co_await findNode()) break;
    }
    LOG(INFO) << "the datanode at " << options.datanode << " beside this tracker has number "
              << options.node.value;
    link.registerAgain();
  }

  kj::Promise<void> keepLink() {
    const bool known = options.node || options.datanode.empty() || co_await findNode();
    if (known) {
      co_await link.run();
    } else {
      co_await link.run().exclusiveJoin(
          learnNode().then([]() -> kj::Promise<void> { return kj::NEVER_DONE; }));
    }
  }

  rpc::Host& host;
  TaskTrackerOptions options;
  const Layout layout;
  Uuid uuid;
  const Uuid boot;
  std::unique_ptr<io::PosixDisk> disk;
  std::unique_ptr<io::DiskLock> lock;
  MasterLink link;
  Localizer localizer;
  TaskTrackerMetrics metrics;
  TrackerServices services;
  std::unique_ptr<rpc::Acceptor> acceptor;
  std::map<AttemptId, std::uint64_t> held_;
  std::set<JobId> jobs_;  // that have a directory
  std::map<AttemptId, std::shared_ptr<Running>> running_;
  bool stopping = false;
  std::shared_ptr<Impl*> handle;
  // Last: what runs in these uses the rest.
  kj::Promise<void> linkLife = nullptr;
  kj::Canceler calls;
  kj::TaskSet tasks;
};

TaskTrackerServer::TaskTrackerServer(rpc::Host& host, Children& children,
                                     TaskTrackerOptions options)
    : impl_(kj::heap<Impl>(host, children, std::move(options))) {}

TaskTrackerServer::~TaskTrackerServer() noexcept(false) {}

kj::Promise<Result<void>> TaskTrackerServer::start() {
  auto& self = *impl_;
  CO_ASSIGN(self.disk, io::PosixDisk::open(self.options.directory,
                                           {.directoryMode = 0755, .createRoot = true}));
  CO_ASSIGN(self.lock, self.disk->lock(LOCK_FILE));
  CO_ASSIGN(self.uuid, co_await self.host.workPool.run(
                           [layout = self.layout, fresh = self.host.random.uuid()]() {
                             return openTrackerDirectory(layout, fresh);
                           }));
  CO_ASSIGN(const auto left, co_await self.host.workPool.run(
                                 [layout = self.layout]() { return tidyAndList(layout); }));
  for (const auto& file : left.outputs) self.held_.emplace(file.attempt, file.lengthBytes);
  self.jobs_.insert(left.jobs.begin(), left.jobs.end());
  self.countHeld();
  self.acceptor = std::make_unique<rpc::Acceptor>(
      self.host, "tasktracker", self.options.acceptor,
      [&self]() { return rpc::Identity{self.options.cluster, Epoch(1), self.boot}; },
      [&self](rpc::PeerInfo peer) -> Result<capnp::Capability::Client> {
        if (peer.hello.role != rpc::Role::PEER) {
          return fail(Code::INVALID_ARGUMENT,
                      "this is a task tracker: it serves reduces that fetch "
                      "map outputs");
        }
        return newMapOutputService(self.host, self.layout, self.metrics, kj::mv(peer.sentBuffers));
      });
  CO_TRY(co_await self.acceptor->listen(self.options.listen));
  LOG(INFO) << "task tracker serves on " << self.acceptor->address() << " with "
            << self.options.mapSlots << " map and " << self.options.reduceSlots << " reduce slots, "
            << left.outputs.size() << " map outputs on disk";
  self.linkLife =
      self.keepLink().eagerlyEvaluate([&self](kj::Exception&& e) { self.taskFailed(kj::mv(e)); });
  co_return Result<void>{};
}

kj::Promise<void> TaskTrackerServer::stop() {
  auto& self = *impl_;
  self.stopping = true;
  // The job tracker is not told of the ends: it learns from the next registration, or from silence.
  self.linkLife = nullptr;
  kj::Vector<kj::Promise<void>> ends;
  for (auto& [id, running] : self.running_) {
    running->attempt.kill("the task tracker stops", true, true);
    ends.add(self.endOf(*running));
  }
  co_await kj::joinPromises(ends.releaseAsArray());
  *self.handle = nullptr;
  self.calls.cancel(KJ_EXCEPTION(DISCONNECTED, "the task tracker stops"));
  if (self.acceptor != nullptr) self.acceptor->close();
  self.lock = nullptr;
}

std::string TaskTrackerServer::address() const {
  return impl_->acceptor == nullptr ? "" : impl_->acceptor->address();
}

Result<void> TaskTrackerServer::ready() const {
  const auto& self = *impl_;
  if (self.acceptor == nullptr || self.stopping) {
    return fail(Code::UNAVAILABLE, "the task tracker is starting or stopping");
  }
  if (!self.link.registered()) {
    return fail(Code::UNAVAILABLE, "the task tracker is not registered with the job tracker at " +
                                       self.options.jobtracker);
  }
  return {};
}

kj::Promise<void> TaskTrackerServer::onRegistered() { return impl_->link.onRegistered(); }

}  // namespace cairn::mr
