#include <utility>

#include "client/cairn/acceptor_options.h"
#include "client/cairn/daemon_pages.h"
#include "client/cairn/real_host.h"
#include "client/cairn/services.h"
#include "mapreduce/jobtracker/server.h"

namespace cairn::app {
namespace {

constexpr unsigned WORK_THREADS = 2;             // for split plans of several jobs at once
constexpr std::size_t JOURNAL_QUEUE_MAX = 1024;  // groups; one is written at a time

class JobTrackerService final : public Service {
public:
  JobTrackerService(kj::AsyncIoContext& io, const config::JobTrackerConfig& config)
      : host_(io, "jobtracker", WORK_THREADS),
        journalPool_("job-journal", 1, JOURNAL_QUEUE_MAX),
        server_(host_.host(), journalPool_,
                {.directory = config.directory,
                 .listen = config.address.toString(),
                 .namenode = config.namenode.toString(),
                 .acceptor = acceptorOptions(config.rpc),
                 .heartbeatMs = config.heartbeatMs,
                 .trackerExpiryMs = config.trackerExpiryMs,
                 .localityDelayMs = config.localityDelayMs,
                 .attemptsMax = config.attemptsMax}),
        pages_(host_.host(), "jobtracker", config.httpAddress,
               [this]() { return server_.ready(); }) {}

  kj::Promise<Result<void>> start() override {
    CO_TRY(co_await pages_.start());
    co_return co_await server_.start();
  }
  kj::Promise<Status> onFatal() override { return server_.onFatal(); }
  kj::Promise<void> stop() override { return server_.stop(); }
  std::string address() const override { return server_.address(); }
  std::string httpAddress() const override { return pages_.address(); }

private:
  RealHost host_;
  async::ThreadWorkPool journalPool_;
  mr::JobTrackerServer server_;
  DaemonPages pages_;
};

}  // namespace

kj::Own<Service> newJobTrackerService(kj::AsyncIoContext& io, config::JobTrackerConfig config) {
  return kj::heap<JobTrackerService>(io, config);
}

}  // namespace cairn::app
