#include <pwd.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "client/cairn/format_namenode.h"
#include "client/cairn/real_host.h"
#include "client/cairn/services.h"
#include "namenode/service/server.h"

namespace cairn::app {
namespace {

constexpr unsigned WORK_THREADS = 2;             // look-ups that go to the disk
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
        server_(host_.host(), journalPool_, optionsOf(config)) {}

  kj::Promise<Result<void>> start() override { return server_.start(); }
  kj::Promise<Status> onFatal() override { return server_.onFatal(); }
  kj::Promise<void> stop() override { return server_.stop(); }
  std::string address() const override { return server_.address(); }

private:
  RealHost host_;
  async::ThreadWorkPool journalPool_;
  nn::NamenodeServer server_;
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
