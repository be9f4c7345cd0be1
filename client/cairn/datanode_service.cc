#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/cairn/daemon_pages.h"
#include "client/cairn/real_host.h"
#include "client/cairn/services.h"
#include "client/cairn/version.h"
#include "client/library/machine_id.h"
#include "common/io/broken_disk.h"
#include "common/io/posix_disk.h"
#include "datanode/service/server.h"

namespace cairn::app {
namespace {

constexpr unsigned WORK_THREADS = 1;
// A directory with its threads.
struct Volume {
  std::unique_ptr<io::Disk> disk;
  std::unique_ptr<async::ThreadWorkPool> pool;
};

// A disk that cannot be read is the store's to judge: it goes on with the others. Anything else is
// a mistake in the configuration.
Result<std::unique_ptr<io::Disk>> openDisk(const std::string& directory) {
  auto disk = io::PosixDisk::open(directory, {.createRoot = true});
  if (disk.has_value()) return *std::move(disk);
  if (disk.error().code() != Code::IO_ERROR) return std::unexpected(disk.error());
  return std::make_unique<io::BrokenDisk>(directory, disk.error());
}

dn::DatanodeOptions optionsOf(const config::DatanodeConfig& config) {
  dn::DatanodeOptions options;
  options.listen = config.address.toString();
  if (config.advertised) options.advertise = config.advertised->toString();
  options.namenode = config.namenode.toString();
  options.rack = config.rack;
  options.socketPath = config.socketPath;
  options.machine = library::machineId();
  options.version = version();
  options.bufferBudgetBytes = config.bufferBudgetBytes;
  options.reservedBytes = config.reservedBytes;
  options.fsync = config.fsync;
  options.keepRemovedMs = config.keepRemovedMs;
  options.scrub = {.periodMs = config.scrubPeriodMs,
                   .bytesPerSecondMax = config.scrubBytesPerSecondMax};
  options.acceptor.connectionsMax = config.rpc.connectionsMax;
  options.acceptor.handshakeMs = config.rpc.handshakeMs;
  options.acceptor.connection.messageBytesMax = config.rpc.messageBytesMax;
  options.acceptor.connection.callBytesInFlightMax = config.rpc.callBytesInFlightMax;
  return options;
}

class DatanodeService final : public Service {
public:
  DatanodeService(kj::AsyncIoContext& io, config::DatanodeConfig config)
      : config_(std::move(config)),
        host_(io, "datanode", WORK_THREADS),
        pages_(host_.host(), "datanode", config_.httpAddress, [this]() { return ready(); }) {}

  kj::Promise<Result<void>> start() override {
    CO_TRY(co_await pages_.start());
    std::vector<dn::VolumeSource> sources;
    for (const auto& directory : config_.directories) {
      CO_ASSIGN(auto disk, openDisk(directory));
      auto& volume = volumes_.emplace_back();
      volume.disk = std::move(disk);
      volume.pool = std::make_unique<async::ThreadWorkPool>(
          "volume" + std::to_string(volumes_.size()), config_.threadsPerVolume,
          dn::VolumeQueue::JOBS_MAX);
      sources.push_back({*volume.disk, *volume.pool});
    }
    server_ = kj::heap<dn::DatanodeServer>(host_.host(), std::move(sources), optionsOf(config_));
    co_return co_await server_->start();
  }
  kj::Promise<void> onReady() override { return server_->onRegistered(); }
  kj::Promise<Status> onFatal() override { return server_->onFatal(); }
  kj::Promise<void> stop() override { return server_->stop(); }
  kj::Promise<void> dropDead() override {
    server_->dropDead();
    return kj::READY_NOW;
  }
  std::string address() const override { return server_->address(); }
  std::string httpAddress() const override { return pages_.address(); }

private:
  Result<void> ready() const {
    if (server_.get() == nullptr) return fail(Code::UNAVAILABLE, "the datanode is starting");
    return server_->ready();
  }

  const config::DatanodeConfig config_;
  RealHost host_;
  // Pools run their last jobs when they are destroyed, on disks that are still there.
  std::vector<Volume> volumes_;
  kj::Own<dn::DatanodeServer> server_;
  DaemonPages pages_;
};

}  // namespace

kj::Own<Service> newDatanodeService(kj::AsyncIoContext& io, config::DatanodeConfig config) {
  return kj::heap<DatanodeService>(io, std::move(config));
}

}  // namespace cairn::app
