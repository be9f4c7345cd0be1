#include "tests/sim/sim_host.h"

#include <kj/debug.h>

#include <cstdlib>
#include <sstream>

#include "tests/sim/disk_env.h"

namespace cairn::sim {
namespace {

constexpr kj::Duration BURIAL = 1 * kj::SECONDS;

// Lines of "name value" or "name{labels} value", with whole numbers where it matters here.
void addCounters(const metrics::Registry& registry, std::map<std::string, std::uint64_t>& to) {
  std::istringstream lines(registry.exposition());
  for (std::string line; std::getline(lines, line);) {
    const auto space = line.rfind(' ');
    if (line.starts_with('#') || space == std::string::npos) continue;
    if (line.find("_total") == std::string::npos) continue;
    to[line.substr(0, space)] += std::strtoull(line.c_str() + space, nullptr, 10);
  }
}

}  // namespace

struct SimHost::Life {
  Life(SimHost& self)
      : disk(self.durable_, self.world_.trace, self.name_, self.fullness_, self.failedPart_),
        env(newDiskEnv(disk, self.clock_)),
        random(self.random_.split()),
        network(self.world_.network.attach(self.number_, self.address_)),
        workPool(self.world_.time.timer(), self.random_.split(), WorkPace(), self.world_.trace,
                 self.name_),
        serialPool(self.world_.time.timer(), self.random_.split(), WorkPace{.workers = 1},
                   self.world_.trace, self.name_ + ".serial"),
        host{self.world_.time.timer(), self.clock_, random, *network, workPool, metrics} {}

  SimDisk disk;
  std::vector<std::unique_ptr<SimDisk>> disksBelow;
  std::unique_ptr<rocksdb::Env> env;
  io::Random random;
  kj::Own<rpc::Network> network;
  SimWorkPool workPool;
  SimWorkPool serialPool;
  metrics::Registry metrics;
  rpc::Host host;
};

SimHost::SimHost(SimWorld& world, unsigned number, std::string name)
    : world_(world),
      number_(number),
      name_(std::move(name)),
      address_("127.0.0." + std::to_string(number)),
      random_(world.random.split()),
      durable_(name_),
      graveyard_(*this) {
  world_.time.add(clock_);
}

SimHost::~SimHost() noexcept(false) { world_.time.remove(clock_); }

void SimHost::boot() {
  KJ_REQUIRE(life_ == nullptr, "the host is alive", name_.c_str());
  world_.trace.note("boot", name_);
  life_ = std::make_unique<Life>(*this);
  life_->disk.ignoreSyncs(ignoreSyncs_);
}

bool SimHost::powerFailed() const { return life_ != nullptr && life_->disk.off(); }

rpc::Host& SimHost::host() { return life_->host; }
SimDisk& SimHost::disk() { return life_->disk; }
SimDisk& SimHost::diskBelow(std::string root) {
  life_->disksBelow.push_back(life_->disk.below(std::move(root)));
  return *life_->disksBelow.back();
}
rocksdb::Env& SimHost::env() { return *life_->env; }
SimWorkPool& SimHost::workPool() { return life_->workPool; }
SimWorkPool& SimHost::serialPool() { return life_->serialPool; }

void SimHost::failPower(io::CrashLoss loss) {
  if (powerFailed()) return;
  ++powerFailures_;
  losses_ += loss != io::CrashLoss::NOTHING;
  world_.trace.note("crash", name_, {static_cast<std::uint64_t>(loss)});
  if (!life_->disk.off()) {
    life_->disk.powerOff();
    world_.network.powerOff(number_);
    durable_.crash(io::CrashLoss::NOTHING, random_);  // the end of a process frees its locks
  }
  durable_.crash(loss, random_);
}

void SimHost::failPowerAfter(std::uint64_t calls, io::CrashLoss loss,
                             std::function<void()> failed) {
  life_->disk.failPowerAfter(calls, [this, loss, failed = std::move(failed)]() {
    failPower(loss);
    failed();
  });
}

void SimHost::endLife() {
  life_->disk.powerOff();
  world_.network.powerOff(number_);
  addCounters(life_->metrics, counters_);
  graveyard_.add(world_.time.timer().afterDelay(BURIAL).then([life = std::move(life_)]() {}));
}

std::uint64_t SimHost::counter(const std::string& series) const {
  auto counters = counters_;
  if (life_ != nullptr) addCounters(life_->metrics, counters);
  const auto found = counters.find(series);
  return found == counters.end() ? 0 : found->second;
}

void SimHost::fillUp(std::string root, std::uint64_t room) {
  fullness_.limited = true;
  fullness_.root = std::move(root);
  fullness_.roomBytes = room;
}

void SimHost::freeUp() { fullness_.limited = false; }

void SimHost::failPart(std::string root, FailedPart::Kind kind) {
  world_.trace.note("part fails", name_ + ' ' + root, {static_cast<std::uint64_t>(kind)});
  failedPart_ = {.kind = kind, .root = std::move(root)};
  if (kind != FailedPart::Kind::UNMOUNTED) return;
  const std::string place = failedPart_.placeOf(failedPart_.root);
  KJ_ASSERT(durable_.makeDirs(place).has_value());
  KJ_ASSERT(durable_.syncDir(io::parentOf(place)).has_value());
  KJ_ASSERT(durable_.syncDir("").has_value());
}

void SimHost::mendPart() {
  world_.trace.note("part mended", name_ + ' ' + failedPart_.root);
  failedPart_ = {};
}

void SimHost::taskFailed(kj::Exception&& exception) {
  KJ_LOG(FATAL, "a life ended badly", exception);
}

void SimHost::ignoreSyncs(bool ignore) {
  ignoreSyncs_ = ignore;
  if (life_ != nullptr) life_->disk.ignoreSyncs(ignore);
}

}  // namespace cairn::sim
