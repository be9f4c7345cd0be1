#include "mapreduce/jobtracker/server.h"

#include <optional>
#include <utility>

#include "client/core/file_system.h"
#include "client/core/options.h"
#include "common/log/log.h"
#include "common/rpc/acceptor.h"
#include "common/rpc/retry.h"
#include "mapreduce/jobtracker/core.h"
#include "mapreduce/jobtracker/dfs_job_files.h"
#include "mapreduce/jobtracker/journal.h"
#include "mapreduce/jobtracker/services.h"

namespace cairn::mr {

namespace {

// Of the calls of one submission: a client that waits longer should hear why. What must be done to
// the end is tried again by Core.
constexpr std::uint32_t NAMENODE_RETRY_MS = 3000;

client::Options fileOptions(const JobTrackerOptions& options) {
  client::Options files;
  files.namenode = options.namenode;
  files.retry.budgetMs = NAMENODE_RETRY_MS;
  return files;
}

}  // namespace

struct JobTrackerServer::Impl {
  // Asks the namenode which cluster it is of, until it answers.
  kj::Promise<void> learnCluster();

  Impl(rpc::Host& host, async::WorkPool& journalPool, JobTrackerOptions options)
      : host(host),
        journalPool(journalPool),
        options(std::move(options)),
        process(host.random.uuid()),
        ownFiles(host, fileOptions(this->options)) {}

  rpc::Host& host;
  async::WorkPool& journalPool;
  JobTrackerOptions options;
  Uuid process;
  DfsJobFiles ownFiles;  // connects to nobody before it is used
  JobFiles* files = &ownFiles;
  // In order of construction: what comes later uses what is before it.
  kj::Own<Journal> journal;
  std::unique_ptr<Core> core;
  std::unique_ptr<rpc::Acceptor> acceptor;
  ClusterId cluster;  // nil until it is known
  kj::PromiseFulfillerPair<Status> foreign = kj::newPromiseAndFulfiller<Status>();
  kj::ForkedPromise<Status> onForeign = foreign.promise.fork();
  kj::Promise<void> learning = nullptr;

  Result<capnp::Capability::Client> serviceFor(const rpc::PeerInfo& peer) {
    switch (peer.hello.role) {
      case rpc::Role::CLIENT: return newClientService(*core);
      case rpc::Role::TASK_TRACKER: return newTrackerService(*core, options.heartbeatMs);
      default:
        return fail(Code::INVALID_ARGUMENT,
                    "this is a job tracker: it serves clients and task "
                    "trackers");
    }
  }
};

kj::Promise<void> JobTrackerServer::Impl::learnCluster() {
  auto asking = fileOptions(options);
  asking.cluster = cluster;
  client::FileSystem namenode(host, asking);
  rpc::Backoff backoff({.firstMs = 200, .ceilingMs = 5000, .budgetMs = UINT32_MAX});
  while (true) {
    auto info = co_await namenode.serverInfo();
    if (info.has_value()) {
      const auto known = Uuid::parse(info->cluster);
      if (cluster.isNil() && known.has_value()) {
        cluster = *known;
        ownFiles.setCluster(cluster);
        journal->setCluster(cluster);
      }
      co_return;
    }
    if (info.error().code() == Code::WRONG_CLUSTER) {
      Status why(Code::WRONG_CLUSTER, "the journal in " + options.directory +
                                          " is of another cluster than the namenode at " +
                                          options.namenode + ": " + info.error().message());
      LOG(ERROR) << why.message();
      foreign.fulfiller->fulfill(kj::mv(why));
      co_return;
    }
    const auto waitMs = backoff.nextMs(Status(Code::UNAVAILABLE, ""), host.random);
    co_await host.timer.afterDelay(waitMs.value_or(1000) * kj::MILLISECONDS);
  }
}

JobTrackerServer::JobTrackerServer(rpc::Host& host, async::WorkPool& journalPool,
                                   JobTrackerOptions options)
    : impl_(kj::heap<Impl>(host, journalPool, std::move(options))) {}

JobTrackerServer::JobTrackerServer(rpc::Host& host, async::WorkPool& journalPool,
                                   JobTrackerOptions options, JobFiles& files)
    : JobTrackerServer(host, journalPool, std::move(options)) {
  impl_->files = &files;
}

JobTrackerServer::~JobTrackerServer() noexcept(false) {}

kj::Promise<Result<void>> JobTrackerServer::start() {
  auto& self = *impl_;
  CO_ASSIGN(auto opened, co_await Journal::open(self.journalPool, self.options.directory,
                                                self.host.clock.nowMs()));
  self.journal = kj::mv(opened.journal);
  self.core = std::make_unique<Core>(self.host, self.options, *self.files, *self.journal,
                                     opened.contents.startMs);
  self.cluster = opened.contents.cluster;
  self.ownFiles.setCluster(self.cluster);
  CO_TRY(self.core->recover(std::move(opened.contents)));
  self.acceptor = std::make_unique<rpc::Acceptor>(
      self.host, "jobtracker", self.options.acceptor,
      [&self]() { return rpc::Identity{self.cluster, Epoch(1), self.process}; },
      [&self](rpc::PeerInfo peer) { return self.serviceFor(peer); });
  CO_TRY(co_await self.acceptor->listen(self.options.listen));
  LOG(INFO) << "job tracker serves on " << self.acceptor->address();
  if (self.files == &self.ownFiles) {
    self.learning = self.learnCluster().eagerlyEvaluate(
        [](kj::Exception&& e) { LOG(ERROR) << "job tracker: " << e.getDescription().cStr(); });
  }
  co_return Result<void>{};
}

kj::Promise<void> JobTrackerServer::stop() {
  auto& self = *impl_;
  self.learning = nullptr;
  if (self.acceptor != nullptr) self.acceptor->close();
  self.acceptor = nullptr;
  self.core = nullptr;
  if (self.journal.get() != nullptr) {
    co_await self.journal->close();
    self.journal = nullptr;
  }
}

std::string JobTrackerServer::address() const {
  return impl_->acceptor == nullptr ? "" : impl_->acceptor->address();
}

Result<void> JobTrackerServer::ready() const {
  const auto& self = *impl_;
  if (self.acceptor == nullptr) {
    return fail(Code::UNAVAILABLE, "the job tracker is starting or stopping");
  }
  if (self.files == &self.ownFiles && self.cluster.isNil()) {
    return fail(Code::UNAVAILABLE, "the job tracker has not heard from the namenode at " +
                                       self.options.namenode + " yet");
  }
  return {};
}

kj::Promise<Status> JobTrackerServer::onFatal() {
  if (impl_->journal.get() == nullptr) return kj::NEVER_DONE;
  return impl_->journal->onDeath().exclusiveJoin(impl_->onForeign.addBranch());
}

}  // namespace cairn::mr
