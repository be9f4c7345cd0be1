#include "tests/sim/cluster.h"

#include <kj/debug.h>

#include "common/async/coroutine.h"
#include "datanode/service/server.h"
#include "namenode/service/server.h"

namespace cairn::sim {
namespace {

constexpr std::uint16_t NAMENODE_PORT = 8020;
constexpr std::uint16_t DATANODE_PORT = 9866;
// A daemon that has not started after so long hangs: recovery of a few files takes milliseconds.
constexpr kj::Duration START_MAX = 2 * kj::MINUTES;

std::string namenodeAddressText() {
  return "127.0.0." + std::to_string(Cluster::NAMENODE) + ':' + std::to_string(NAMENODE_PORT);
}

class NamenodeMachine final : public Machine {
public:
  NamenodeMachine(SimWorld& world, Verdict& verdict)
      : Machine(world, verdict, Cluster::NAMENODE, "nn") {
    host().boot();
    const auto formatted =
        nn::NamenodeServer::format(options(), world.random.uuid(), host().clock().nowMs());
    KJ_REQUIRE(formatted.has_value(), "the namenode cannot be formatted");
    host().endLife();
  }
  ~NamenodeMachine() noexcept(false) override { destroyDaemon(); }

private:
  nn::NamenodeOptions options() {
    nn::NamenodeOptions options;
    options.directory = "/meta";
    options.listen = namenodeAddressText();
    options.superuser = "sim";
    options.env = &host().env();
    options.backgroundWork = false;
    auto& config = options.config;
    config.clusterName = "sim";
    config.safemodeThreshold = 0.999;
    config.heartbeatMs = 3000;
    config.datanodeStaleMs = 30'000;
    config.datanodeDeadMs = 630'000;
    config.supergroup = "sim";
    config.blockCacheBytes = 1 << 20;
    config.chunkSizeMinBytes = 1024;
    config.files.replication = REPLICATION;
    config.files.chunkSizeBytes = CHUNK_SIZE;
    config.files.frameSizeBytes = FRAME_SIZE;
    config.files.zstdLevel = 1;
    config.files.umask = 022;
    return options;
  }
  kj::Promise<Result<void>> startDaemon() override {
    server_ = kj::heap<nn::NamenodeServer>(host().host(), host().serialPool(), options());
    return server_->start();
  }
  void destroyDaemon() override { server_ = nullptr; }

  kj::Own<nn::NamenodeServer> server_;
};

class DatanodeMachine final : public Machine {
public:
  DatanodeMachine(SimWorld& world, Verdict& verdict, unsigned index)
      : Machine(world, verdict, Cluster::DATANODES + index, "dn" + std::to_string(index)) {}
  ~DatanodeMachine() noexcept(false) override { destroyDaemon(); }

private:
  kj::Promise<Result<void>> startDaemon() override {
    dn::DatanodeOptions options;
    options.listen = host().address() + ':' + std::to_string(DATANODE_PORT);
    options.namenode = namenodeAddressText();
    options.rack = "/r" + std::to_string(host().number() % 2);
    options.machine = host().name();
    options.version = "sim";
    options.bufferBudgetBytes = 16 << 20;
    std::vector<dn::VolumeSource> volumes{{host().disk(), host().workPool()}};
    server_ = kj::heap<dn::DatanodeServer>(host().host(), std::move(volumes), std::move(options));
    return server_->start();
  }
  void destroyDaemon() override { server_ = nullptr; }

  kj::Own<dn::DatanodeServer> server_;
};

}  // namespace

Machine::Machine(SimWorld& world, Verdict& verdict, unsigned number, std::string name)
    : world_(world), verdict_(verdict), host_(world, number, std::move(name)), burials_(*this) {}

Machine::~Machine() noexcept(false) = default;

void Machine::start() {
  host_.boot();
  starting_ = std::make_unique<kj::TaskSet>(static_cast<kj::TaskSet::ErrorHandler&>(*this));
  starting_->add(watchStart());
}

kj::Promise<void> Machine::watchStart() {
  auto started =
      co_await startDaemon().exclusiveJoin(world_.time.timer().afterDelay(START_MAX).then(
          []() -> Result<void> { return fail(Code::TIMED_OUT, "it hangs"); }));
  if (!started.has_value() && running()) {
    verdict_.violation(host_.name() + " cannot start: " + started.error().toString());
  }
}

void Machine::crash(io::CrashLoss loss) {
  if (!host_.alive()) return;
  host_.failPower(loss);
  bury();
}

void Machine::crashAfter(std::uint64_t changes, io::CrashLoss loss) {
  host_.failPowerAfter(changes, loss,
                       [this]() { burials_.add(kj::evalLater([this]() { bury(); })); });
}

void Machine::bury() {
  if (!host_.powerFailed()) return;
  starting_ = nullptr;
  destroyDaemon();
  host_.endLife();
}

void Machine::taskFailed(kj::Exception&& exception) {
  verdict_.violation(host_.name() +
                     " threw while it started: " + std::string(exception.getDescription().cStr()));
}

Cluster::Cluster(SimWorld& world, Verdict& verdict, unsigned datanodes) {
  machines_.push_back(std::make_unique<NamenodeMachine>(world, verdict));
  for (unsigned i = 0; i < datanodes; ++i) {
    machines_.push_back(std::make_unique<DatanodeMachine>(world, verdict, i));
  }
  for (auto& machine : machines_) machine->start();
  world.time.runFor(10 * kj::SECONDS);
}

Cluster::~Cluster() noexcept(false) {
  for (auto& machine : machines_) machine->crash(io::CrashLoss::NOTHING);
}

std::string Cluster::namenodeAddress() const { return namenodeAddressText(); }

}  // namespace cairn::sim
