#include <pwd.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/cairn/daemon_pages.h"
#include "client/cairn/format_namenode.h"
#include "client/cairn/real_host.h"
#include "client/cairn/services.h"
#include "client/cairn/serving_loop_thread.h"
#include "namenode/service/server.h"

namespace cairn::app {
namespace {

constexpr unsigned WORK_THREADS = 2;             // look-ups that go to the disk; of each loop
constexpr std::size_t JOURNAL_QUEUE_MAX = 1024;  // groups; one is written at a time

// The user that this process runs as: the superuser, as in HDFS.
std::string processUser() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
}

nn::NamenodeOptions optionsOf(const config::NamenodeConfig& config) {
  nn::NamenodeOptions options;
  options.config = config;
  options.superuser = processUser();
  options.groupsOf = nn::systemGroupsOf;
  return options;
}

class NamenodeService final : public Service {
public:
  NamenodeService(kj::AsyncIoContext& io, const config::NamenodeConfig& config)
      : host_(io, "namenode", WORK_THREADS),
        journalPool_("nn-journal", 1, JOURNAL_QUEUE_MAX),
        pages_(host_.host(), "namenode", config.httpAddress,
               [this]() { return server_->ready(); }) {
    auto options = optionsOf(config);
    for (unsigned i = 0; i < config.servingLoops; ++i) {
      loops_.push_back(
          std::make_unique<ServingLoopThread>("nn-rpc-" + std::to_string(i), WORK_THREADS));
      options.servingLoops.push_back(loops_.back().get());
    }
    server_.emplace(host_.host(), journalPool_, std::move(options));
  }

  kj::Promise<Result<void>> start() override {
    CO_TRY(co_await pages_.start());
    co_return co_await server_->start();
  }
  kj::Promise<Status> onFatal() override { return server_->onFatal(); }
  kj::Promise<void> stop() override { return server_->stop(); }
  std::string address() const override { return server_->address(); }
  std::string httpAddress() const override { return pages_.address(); }

private:
  RealHost host_;
  async::ThreadWorkPool journalPool_;
  std::vector<std::unique_ptr<ServingLoopThread>> loops_;
  std::optional<nn::NamenodeServer> server_;
  DaemonPages pages_;
};

}  // namespace

kj::Own<Service> newNamenodeService(kj::AsyncIoContext& io, config::NamenodeConfig config) {
  return kj::heap<NamenodeService>(io, config);
}

Result<void> formatNamenode(const config::NamenodeConfig& config) {
  auto random = io::Random::fromOs();
  return nn::NamenodeServer::format(optionsOf(config), ClusterId(random.uuid()),
                                    io::SystemClock().nowMs());
}

Result<void> formatNamenodeIfNew(const config::NamenodeConfig& config) {
  auto formatted = formatNamenode(config);
  if (!formatted.has_value() && formatted.error().code() == Code::ALREADY_EXISTS) return {};
  return formatted;
}

}  // namespace cairn::app
