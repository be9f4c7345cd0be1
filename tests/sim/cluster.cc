#include "tests/sim/cluster.h"

#include <kj/debug.h>

#include <algorithm>

#include "common/async/coroutine.h"
#include "common/base/limits.h"
#include "datanode/service/server.h"
#include "namenode/service/server.h"

namespace cairn::sim {
namespace {

constexpr std::uint16_t NAMENODE_PORT = 8020;
constexpr std::uint16_t DATANODE_PORT = 9866;
// A daemon that has not started after so long hangs: recovery of a few files takes milliseconds.
constexpr kj::Duration START_MAX = 2 * kj::MINUTES;
constexpr kj::Duration STOP_MAX = 2 * kj::MINUTES;

std::string namenodeAddressText() {
  return "127.0.0." + std::to_string(Cluster::NAMENODE) + ':' + std::to_string(NAMENODE_PORT);
}

class NamenodeMachine final : public Machine {
public:
  NamenodeMachine(SimWorld& world, Verdict& verdict, const ClusterKnobs& knobs)
      : Machine(world, verdict, Cluster::NAMENODE, "nn"), knobs_(knobs) {
    KJ_ASSERT(host().durable().makeDirs(LOG).has_value());
    KJ_ASSERT(host().durable().syncDir("").has_value());
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
    options.logDisk = &host().diskBelow(LOG);
    options.backgroundWork = false;
    auto& config = options.config;
    config.clusterName = "sim";
    config.safemodeThreshold = 0.999;
    config.heartbeatMs = 3000;
    config.datanodeStaleMs = 30'000;
    config.datanodeDeadMs = 630'000;
    config.leaseSoftMs = limits::LEASE_SOFT_MS;
    config.leaseHardMs = limits::LEASE_HARD_MS;
    config.accessTimePrecisionMs = 1000;
    config.supergroup = "sim";
    config.blockCacheBytes = 64 << 20;  // nothing is ever thrown out of it
    config.chunkSizeMinBytes = 1024;
    config.files.replication = REPLICATION;
    config.files.chunkSizeBytes = CHUNK_SIZE;
    config.files.frameSizeBytes = FRAME_SIZE;
    config.files.zstdLevel = 1;
    config.files.umask = 022;
    config.rpc.callBytesInFlightMax = knobs_.callBytesInFlightMax;
    return options;
  }
  kj::Promise<Result<void>> startDaemon() override {
    server_ = kj::heap<nn::NamenodeServer>(host().host(), host().serialPool(), options());
    return server_->start();
  }
  kj::Promise<void> stopDaemon() override { return server_->stop(); }
  void destroyDaemon() override { server_ = nullptr; }

  static constexpr const char* LOG = "groups";

  const ClusterKnobs knobs_;
  kj::Own<nn::NamenodeServer> server_;
};

class DatanodeMachine final : public Machine {
public:
  DatanodeMachine(SimWorld& world, Verdict& verdict, unsigned index, const ClusterKnobs& knobs)
      : Machine(world, verdict, Cluster::DATANODES + index, "dn" + std::to_string(index)),
        knobs_(knobs) {
    auto& disk = host().durable();
    for (const auto* volume : VOLUMES) KJ_ASSERT(disk.makeDirs(volume).has_value());
    KJ_ASSERT(disk.syncDir("").has_value());
  }
  ~DatanodeMachine() noexcept(false) override { destroyDaemon(); }

private:
  kj::Promise<Result<void>> startDaemon() override {
    dn::DatanodeOptions options;
    options.listen = host().address() + ':' + std::to_string(DATANODE_PORT);
    options.namenode = namenodeAddressText();
    options.rack = "/r" + std::to_string(host().number() % 2);
    options.machine = host().name();
    options.version = "sim";
    options.bufferBudgetBytes = knobs_.bufferBudgetBytes;
    options.scrub = knobs_.scrub;
    options.keepRemovedMs = knobs_.keepRemovedMs;
    std::vector<dn::VolumeSource> volumes;
    for (const auto* volume : VOLUMES) {
      volumes.push_back({host().diskBelow(volume), host().workPool()});
    }
    server_ = kj::heap<dn::DatanodeServer>(host().host(), std::move(volumes), std::move(options));
    return server_->start();
  }
  kj::Promise<void> stopDaemon() override { return server_->stop(); }
  void destroyDaemon() override { server_ = nullptr; }

  const ClusterKnobs knobs_;

  kj::Own<dn::DatanodeServer> server_;
};

}  // namespace

Machine::Machine(SimWorld& world, Verdict& verdict, unsigned number, std::string name)
    : world_(world), verdict_(verdict), host_(world, number, std::move(name)), burials_(*this) {}

Machine::~Machine() noexcept(false) = default;

void Machine::start() {
  started_ = false;
  host_.boot();
  host_.workPool().setPace(workPace_);
  WorkPace serial = workPace_;
  serial.workers = 1;
  host_.serialPool().setPace(serial);
  tasks_ = std::make_unique<kj::TaskSet>(static_cast<kj::TaskSet::ErrorHandler&>(*this));
  tasks_->add(watchStart());
}

kj::Promise<void> Machine::watchStart() {
  auto started =
      co_await startDaemon().exclusiveJoin(world_.time.timer().afterDelay(START_MAX).then(
          []() -> Result<void> { return fail(Code::TIMED_OUT, "it hangs"); }));
  started_ = started.has_value();
  if (!started_ && running()) {
    verdict_.violation(host_.name() + " cannot start: " + started.error().toString());
  }
}

void Machine::stop() {
  if (started()) tasks_->add(watchStop());
}

kj::Promise<void> Machine::watchStop() {
  const bool stopped =
      co_await stopDaemon()
          .then([]() { return true; })
          .exclusiveJoin(world_.time.timer().afterDelay(STOP_MAX).then([]() { return false; }));
  if (!stopped && running()) verdict_.violation(host_.name() + " does not stop");
  // Not from here: it ends this very task. Nothing else happens to the machine before that.
  burials_.add(kj::evalLater([this]() {
    if (!running()) return;
    tasks_ = nullptr;
    destroyDaemon();
    host_.endLife();
  }));
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
  tasks_ = nullptr;
  destroyDaemon();
  host_.endLife();
}

void Machine::taskFailed(kj::Exception&& exception) {
  verdict_.violation(host_.name() +
                     " threw while it started: " + std::string(exception.getDescription().cStr()));
}

ClusterKnobs ClusterKnobs::draw(io::Random& random) {
  ClusterKnobs knobs;
  if (random.chance(0.3)) knobs.bufferBudgetBytes = random.chance(0.5) ? 64 << 10 : 1 << 20;
  if (random.chance(0.3)) knobs.callBytesInFlightMax = random.chance(0.5) ? 16 << 10 : 1 << 20;
  if (random.chance(0.4)) knobs.scrub.periodMs = random.between(2'000, 60'000);
  if (random.chance(0.5)) knobs.keepRemovedMs = random.between(100, 20'000);
  return knobs;
}

Cluster::Cluster(SimWorld& world, Verdict& verdict, unsigned datanodes, unsigned late,
                 const ClusterKnobs& knobs)
    : world_(world) {
  machines_.push_back(std::make_unique<NamenodeMachine>(world, verdict, knobs));
  for (unsigned i = 0; i < datanodes; ++i) {
    machines_.push_back(std::make_unique<DatanodeMachine>(world, verdict, i, knobs));
  }
  for (std::size_t i = 0; i + late < machines_.size(); ++i) machines_[i]->start();
  world.time.runFor(10 * kj::SECONDS);
}

Cluster::~Cluster() noexcept(false) {
  for (auto& machine : machines_) machine->crash(io::CrashLoss::NOTHING);
  world_.time.runFor(2 * kj::SECONDS);  // for what is left of them
}

std::uint64_t Cluster::powerFailures() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < machines_.size(); ++i) sum += machines_[i]->host().powerFailures();
  return sum;
}

std::uint64_t Cluster::losses() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < machines_.size(); ++i) sum += machines_[i]->host().losses();
  return sum;
}

bool Cluster::anyDatanodeDown() const {
  return std::ranges::any_of(machines_, [&](const auto& machine) {
    return machine != machines_.front() && !machine->running();
  });
}

std::string Cluster::namenodeAddress() const { return namenodeAddressText(); }

}  // namespace cairn::sim
