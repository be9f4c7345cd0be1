#include "tests/sim/nemesis.h"

#include "common/async/coroutine.h"

namespace cairn::sim {
namespace {

constexpr std::int64_t TICK_MILLIS = 50;
constexpr std::int64_t DOWN_MAX_MILLIS = 40'000;
constexpr std::int64_t BLOCKED_MAX_MILLIS = 40'000;
constexpr std::int64_t CLOCK_JUMP_MAX_MS = 3'600'000;
constexpr std::uint64_t DISK_CHANGES_MAX = 300;  // until a crash in the middle of something

double weight(io::Random& random) { return random.chance(0.4) ? 0 : random.unit(); }

}  // namespace

Trouble Trouble::draw(io::Random& random) {
  Trouble trouble;
  trouble.datanodeCrashes = weight(random);
  trouble.namenodeCrashes = weight(random);
  trouble.clientCrashes = weight(random) * 0.3;
  trouble.lostConnections = weight(random);
  trouble.blockedPaths = weight(random);
  trouble.clockJumps = weight(random) * 0.3;
  trouble.everyMillis = random.between(500, 8000);
  trouble.kindCrashes = random.chance(0.2);
  if (random.chance(0.5)) {
    trouble.network.slowChance = random.unit() * 0.05;
    trouble.network.slowMaxMicros = random.between(1000, 3'000'000);
  }
  if (random.chance(0.5)) trouble.network.breakChance = random.unit() * 0.002;
  if (random.chance(0.3)) trouble.network.refuseChance = random.unit() * 0.2;
  if (random.chance(0.3)) trouble.network.latencyMaxMicros = random.between(1000, 50'000);
  if (random.chance(0.5)) {
    trouble.work.slowChance = random.unit() * 0.1;
    trouble.work.slowMaxMicros = random.between(1000, 2'000'000);
  }
  return trouble;
}

Nemesis::Nemesis(SimWorld& world, Cluster& cluster,
                 std::vector<std::unique_ptr<ClientMachine>>& clients, Workers& workers,
                 Trouble trouble)
    : world_(world),
      cluster_(cluster),
      clients_(clients),
      workers_(workers),
      trouble_(trouble),
      random_(world.random.split()) {}

kj::Promise<void> Nemesis::run() {
  world_.network.setPace(trouble_.network);
  auto& timer = world_.time.timer();
  const double chance = double(TICK_MILLIS) / double(trouble_.everyMillis);
  while (true) {
    co_await timer.afterDelay(TICK_MILLIS * kj::MILLISECONDS);
    restartDue();
    if (random_.chance(chance)) strike();
  }
}

void Nemesis::strike() {
  const double weights[] = {trouble_.datanodeCrashes, trouble_.namenodeCrashes,
                            trouble_.clientCrashes,   trouble_.lostConnections,
                            trouble_.blockedPaths,    trouble_.clockJumps};
  double sum = 0;
  for (const double weight : weights) sum += weight;
  double at = random_.unit() * sum;
  std::size_t kind = 0;
  while (kind + 1 < std::size(weights) && at >= weights[kind]) at -= weights[kind++];
  if (sum == 0) return;

  const kj::TimePoint now = world_.time.timer().now();
  auto& machines = cluster_.machines();
  switch (kind) {
    case 0: return crash(cluster_.datanode(random_.below(cluster_.datanodes())));
    case 1: return crash(cluster_.namenode());
    case 2: {
      const std::size_t client = random_.below(clients_.size());
      if (clientRestarts_.contains(client)) return;
      clients_[client]->crash();
      clientRestarts_.insert(
          {client, now + random_.between(0, DOWN_MAX_MILLIS) * kj::MILLISECONDS});
      return;
    }
    case 3: {
      for (std::uint64_t i = 1 + random_.below(4); i > 0; --i) world_.network.cutRandom();
      return;
    }
    case 4: {
      const auto number = [&]() {
        const std::size_t i = random_.below(machines.size() + clients_.size());
        return i < machines.size() ? machines[i]->host().number()
                                   : clients_[i - machines.size()]->host().number();
      };
      const std::pair<unsigned, unsigned> path{number(), number()};
      const kj::TimePoint until = now + random_.between(0, BLOCKED_MAX_MILLIS) * kj::MILLISECONDS;
      world_.network.block(path.first, path.second);
      unblocks_.insert({until, path});
      if (random_.chance(0.6)) {  // else one way only
        world_.network.block(path.second, path.first);
        unblocks_.insert({until, {path.second, path.first}});
      }
      return;
    }
    default: {
      const std::int64_t jump = random_.between(-CLOCK_JUMP_MAX_MS, CLOCK_JUMP_MAX_MS);
      machines[random_.below(machines.size())]->host().clock().jumpWallMs(jump);
      return;
    }
  }
}

io::CrashLoss Nemesis::loss() {
  if (trouble_.kindCrashes) return io::CrashLoss::NOTHING;
  switch (random_.below(3)) {
    case 0: return io::CrashLoss::NOTHING;
    case 1: return io::CrashLoss::ALL_UNSYNCED;
    default: return io::CrashLoss::RANDOM_SUFFIX;
  }
}

void Nemesis::crash(Machine& machine) {
  if (restarts_.contains(&machine) || !machine.running()) return;
  if (random_.chance(0.5)) {
    machine.crash(loss());
  } else {
    machine.crashAfter(1 + random_.below(DISK_CHANGES_MAX), loss());
  }
  restarts_.insert({&machine, world_.time.timer().now() +
                                  random_.between(0, DOWN_MAX_MILLIS) * kj::MILLISECONDS});
}

void Nemesis::restartDue() {
  const kj::TimePoint now = world_.time.timer().now();
  for (auto& machine : cluster_.machines()) {  // not by address: that differs from run to run
    const auto due = restarts_.find(machine.get());
    if (due == restarts_.end() || due->second > now) continue;
    restarts_.erase(due);
    if (!machine->host().alive()) machine->start();
  }
  for (auto it = clientRestarts_.begin(); it != clientRestarts_.end();) {
    if (it->second > now) {
      ++it;
      continue;
    }
    clients_[it->first]->start(workers_[it->first]);
    it = clientRestarts_.erase(it);
  }
  while (!unblocks_.empty() && unblocks_.begin()->first <= now) {
    const auto [from, to] = unblocks_.begin()->second;
    unblocks_.erase(unblocks_.begin());
    world_.network.unblock(from, to);
  }
}

void Nemesis::heal() {
  world_.trace.note("heal", "");
  world_.network.setPace({});
  world_.network.heal();
  for (auto& machine : cluster_.machines()) {
    // A crash that was to come in the middle of something does not come any more.
    if (machine->running()) machine->host().disk().failPowerAfter(0, {});
    if (!machine->host().alive()) machine->start();
  }
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    if (!clients_[i]->running()) clients_[i]->start(workers_[i]);
  }
}

}  // namespace cairn::sim
