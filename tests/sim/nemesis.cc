#include "tests/sim/nemesis.h"

#include "common/async/coroutine.h"

namespace cairn::sim {
namespace {

constexpr std::int64_t TICK_MILLIS = 50;
constexpr std::int64_t DOWN_MAX_MILLIS = 40'000;
constexpr std::int64_t RESTART_MAX_MILLIS = 3'000;
constexpr std::int64_t BLOCKED_MAX_MILLIS = 40'000;
constexpr std::int64_t FULL_MAX_MILLIS = 20'000;
constexpr std::uint64_t ROOM_MAX_BYTES = 30'000;  // of a disk that is nearly full
constexpr std::uint64_t NAMENODE_ROOM_MAX_BYTES = 100'000;
constexpr std::int64_t CLOCK_JUMP_MAX_MS = 3'600'000;
constexpr std::uint64_t DISK_CHANGES_MAX = 300;  // until a crash in the middle of something
constexpr std::uint64_t NEW_DISK_CHANGES_MAX = 40;

double weight(io::Random& random) { return random.chance(0.4) ? 0 : random.unit(); }

Trouble onlyOfClients(io::Random& random) {
  Trouble trouble{.datanodeCrashes = 0,
                  .namenodeCrashes = 0,
                  .clientCrashes = 1,
                  .lostConnections = 0,
                  .blockedPaths = 0,
                  .clockJumps = 0,
                  .orderlyStops = 0,
                  .sickDisks = 0,
                  .fullDisks = 0,
                  .flippedBits = 0,
                  .network = {},
                  .work = {}};
  trouble.onlyClients = true;
  trouble.everyMillis = random.between(500, 8000);
  trouble.strikesAtWriters = 0.1 * random.unit();
  // So that they die with bytes on some nodes of a pipeline and not on the others.
  if (random.chance(0.7)) trouble.network.latencyMaxMicros = 20'000;
  return trouble;
}

}  // namespace

Trouble Trouble::draw(io::Random& random, io::Random& ofVolumes) {
  if (random.chance(0.1)) return onlyOfClients(random);
  Trouble trouble;
  trouble.datanodeCrashes = weight(random);
  trouble.namenodeCrashes = weight(random);
  trouble.clientCrashes = weight(random) * 0.3;
  trouble.lostConnections = weight(random);
  trouble.blockedPaths = weight(random);
  trouble.clockJumps = weight(random) * 0.3;
  trouble.orderlyStops = weight(random) * 0.5;
  trouble.sickDisks = weight(random) * 0.5;
  trouble.flippedBits = weight(random);
  trouble.fullDisks = weight(random);
  if (random.chance(0.6)) trouble.strikesAtWriters = random.unit() * 0.03;
  trouble.scale = random.chance(0.15) ? 30 : 1;
  trouble.everyMillis = random.between(500, 8000) * trouble.scale;
  if (random.chance(0.6)) trouble.ambushes = random.unit() * 0.1;
  // Else what was shown may be lost with what was not synced.
  trouble.kindCrashes = random.chance(trouble.ambushes > 0 ? 0.5 : 0.2);
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
  trouble.volumes = VolumeTrouble::draw(ofVolumes, trouble.scale);
  return trouble;
}

Nemesis::Nemesis(SimWorld& world, Verdict& verdict, Cluster& cluster,
                 std::vector<std::unique_ptr<ClientMachine>>& clients, Workers& workers,
                 Onlooker& onlooker, Trouble trouble, io::Random ofVolumes)
    : world_(world),
      verdict_(verdict),
      cluster_(cluster),
      clients_(clients),
      workers_(workers),
      trouble_(trouble),
      random_(world.random.split()),
      unlucky_(static_cast<unsigned>(random_.below(cluster.datanodes()))),
      strikes_(*this),
      ambushes_(world, verdict, cluster, onlooker, random_.split(),
                {.crash = [this](Machine& machine) { crashNow(machine); },
                 .crashClient = [this](unsigned client) { crashClient(client); },
                 .over = [this]() { return healed_; }}),
      volumes_(world, cluster, onlooker, std::move(ofVolumes), trouble.volumes,
               {.restart = [this](Machine& machine) { restartSoon(machine); },
                .over = [this]() { return healed_; }}) {}

kj::Promise<void> Nemesis::run() {
  world_.network.setPace(trouble_.network);
  for (auto& machine : cluster_.machines()) machine->setWorkPace(trouble_.work);
  // New datanodes come, and may go while they settle in.
  for (auto& machine : cluster_.machines()) {
    if (machine->host().alive()) continue;
    start(*machine);
    if (trouble_.onlyClients || random_.chance(0.3)) continue;
    machine->crashAfter(1 + random_.below(NEW_DISK_CHANGES_MAX), loss());
    restarts_.insert({machine.get(), soon(DOWN_MAX_MILLIS)});
  }
  auto& timer = world_.time.timer();
  const double chance = double(TICK_MILLIS) / double(trouble_.everyMillis);
  while (true) {
    co_await timer.afterDelay(TICK_MILLIS * kj::MILLISECONDS);
    restartDue();
    if (random_.chance(chance)) strike();
    volumes_.tick(TICK_MILLIS);
  }
}

void Nemesis::strike() {
  const double weights[] = {trouble_.datanodeCrashes, trouble_.namenodeCrashes,
                            trouble_.clientCrashes,   trouble_.lostConnections,
                            trouble_.blockedPaths,    trouble_.clockJumps,
                            trouble_.orderlyStops,    trouble_.sickDisks,
                            trouble_.flippedBits,     trouble_.fullDisks};
  double sum = 0;
  for (const double weight : weights) sum += weight;
  double at = random_.unit() * sum;
  std::size_t kind = 0;
  while (kind + 1 < std::size(weights) && at >= weights[kind]) at -= weights[kind++];
  if (sum == 0) return;

  auto& machines = cluster_.machines();
  switch (kind) {
    case 0: return crash(cluster_.datanode(random_.below(cluster_.datanodes())));
    case 1: return crash(cluster_.namenode());
    case 2: return crashClient(random_.below(clients_.size()));
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
      const kj::TimePoint until = soon(BLOCKED_MAX_MILLIS);
      world_.network.block(path.first, path.second);
      unblocks_.insert({until, path});
      if (random_.chance(0.6)) {  // else one way only
        world_.network.block(path.second, path.first);
        unblocks_.insert({until, {path.second, path.first}});
      }
      return;
    }
    case 6: {
      Machine& machine = *machines[random_.below(machines.size())];
      if (restarts_.contains(&machine) || !machine.started()) return;
      machine.stop();
      restarts_.insert({&machine, soon(DOWN_MAX_MILLIS)});
      return;
    }
    case 7: {
      Machine& machine = *machines[random_.below(machines.size())];
      // One that starts may fail at it then, and be right.
      if (restarts_.contains(&machine) || !machine.started()) return;
      world_.trace.note("sick", machine.host().name());
      machine.host().disk().sicken(random_.unit() * random_.unit(), &random_);
      restarts_.insert({&machine, soon(DOWN_MAX_MILLIS)});
      return;
    }
    case 8: return flipBit();
    case 9: return fillUp();
    default: {
      const std::int64_t jump = random_.between(-CLOCK_JUMP_MAX_MS, CLOCK_JUMP_MAX_MS);
      machines[random_.below(machines.size())]->host().clock().jumpWallMs(jump);
      return;
    }
  }
}

void Nemesis::crashClient(std::size_t client) {
  if (clientRestarts_.contains(client)) return;
  clients_[client]->crash();
  clientRestarts_.insert({client, soon(DOWN_MAX_MILLIS)});
}

// A moment later: the step itself is over by then, or under way.
void Nemesis::writerReached(unsigned client, WritePhase phase) {
  if (healed_ || !random_.chance(trouble_.strikesAtWriters)) return;
  world_.trace.note("strike at a writer", "", {client, static_cast<std::uint64_t>(phase)});
  const auto delay = random_.between(0, random_.chance(0.5) ? 2'000 : 50'000) * kj::MICROSECONDS;
  const std::uint64_t victim = random_.below(8);
  strikes_.add(world_.time.timer().afterDelay(delay).then([this, client, victim]() {
    if (healed_) return;
    if (victim < 3 || trouble_.onlyClients) return crashClient(client);
    if (victim == 3) return crash(cluster_.namenode());
    crash(cluster_.datanode(static_cast<unsigned>(random_.below(cluster_.datanodes()))));
  }));
}

void Nemesis::writerFlushes(WorkerState& worker) {
  if (!healed_ && random_.chance(trouble_.ambushes)) ambushes_.lay(worker);
}

void Nemesis::taskFailed(kj::Exception&& exception) {
  verdict_.violation("a strike failed: " + std::string(exception.getDescription().cStr()));
}

// One datanode, or all of them; or the namenode, which has to be restarted then.
void Nemesis::fillUp() {
  const bool all = random_.chance(0.3);
  const unsigned one = static_cast<unsigned>(random_.below(cluster_.datanodes()));
  const kj::TimePoint until = soon(FULL_MAX_MILLIS);
  if (random_.chance(0.1)) {
    Machine& machine = cluster_.namenode();
    if (restarts_.contains(&machine) || !machine.running()) return;
    machine.host().fillUp("", random_.below(NAMENODE_ROOM_MAX_BYTES));
    freeUps_.insert({until, &machine});
    restarts_.insert({&machine, until});
    return;
  }
  for (unsigned i = 0; i < cluster_.datanodes(); ++i) {
    Machine& machine = cluster_.datanode(i);
    if ((i != one && !all) || machine.host().full()) continue;
    const bool whole = all || random_.chance(0.5);
    const std::string root = whole ? "" : VOLUMES[random_.below(std::size(VOLUMES))];
    const bool little = all || random_.chance(0.5);
    machine.host().fillUp(root, random_.below(little ? CHUNK_SIZE : ROOM_MAX_BYTES));
    freeUps_.insert({until, &machine});
  }
}

void Nemesis::start(Machine& machine) {
  machine.start();
  if (machine.host().full()) world_.reach.count(Reached::START_ON_FULL_DISK);
  if (machine.host().failedPart().kind != FailedPart::Kind::NONE) {
    world_.reach.count(Reached::START_WITHOUT_VOLUME);
  }
  if (&machine != &cluster_.namenode()) return;
  bool writing = false;
  bool left = false;
  for (const auto& client : workers_) {
    for (const auto& worker : client) {
      writing = writing || (worker->write != nullptr && worker->write->writer != nullptr);
      for (const auto& [number, operation] : worker->model.open()) left = left || operation.asked;
    }
  }
  if (writing) world_.reach.count(Reached::RESTART_WITH_WRITERS);
  if (left) world_.reach.count(Reached::RESTART_WITH_RECOVERIES);
}

// Damages one copy of a replica that two other datanodes hold whole: it must never be served, and
// nothing may be lost by it.
void Nemesis::flipBit() {
  using Names = std::map<std::string, std::string>;  // path by name
  const auto finals = [&](unsigned index) {
    Names names;
    auto& disk = cluster_.datanode(index).host().durable();
    for (const auto* volume : VOLUMES) {
      const std::string finals = std::string(volume) + "/final";
      const auto dirs = disk.list(finals);
      if (!dirs.has_value()) continue;
      for (const auto& dir : *dirs) {
        const std::string path = finals + '/' + dir.name;
        const auto files = disk.list(path);
        if (!files.has_value()) continue;
        for (const auto& file : *files) names.emplace(file.name, path + '/' + file.name);
      }
    }
    return names;
  };
  const Names here = finals(unlucky_);
  std::map<std::string, unsigned> elsewhere;
  for (unsigned i = 0; i < cluster_.datanodes(); ++i) {
    if (i == unlucky_) continue;
    for (const auto& [name, path] : finals(i)) ++elsewhere[name];
  }
  std::vector<std::string> safe;
  for (const auto& [name, path] : here) {
    const auto copies = elsewhere.find(name);
    if (copies != elsewhere.end() && copies->second >= 2) safe.push_back(path);
  }
  if (safe.empty()) return;
  const std::string& path = safe[random_.below(safe.size())];
  auto& disk = cluster_.datanode(unlucky_).host().durable();
  const auto info = disk.statIfExists(path);
  if (!info.has_value() || !info->has_value() || (*info)->sizeBytes == 0) return;
  const std::uint64_t bit = random_.below((*info)->sizeBytes * 8);
  world_.trace.note("flip", path, {bit});
  if (disk.flipBit(path, bit).has_value()) ++flipped_;
}

bool Nemesis::anyDiskSick() const {
  for (const auto& machine : cluster_.machines()) {
    if (machine->host().full()) return true;
    if (machine->host().alive() && machine->host().disk().sick()) return true;
  }
  return false;
}

kj::TimePoint Nemesis::soon(std::int64_t maxMillis) {
  return world_.time.timer().now() +
         random_.between(0, maxMillis) * trouble_.scale * kj::MILLISECONDS;
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
  if (random_.chance(0.5)) return crashNow(machine);
  if (restarts_.contains(&machine) || !machine.running()) return;
  machine.crashAfter(1 + random_.below(DISK_CHANGES_MAX), loss());
  restarts_.insert({&machine, soon(DOWN_MAX_MILLIS)});
}

void Nemesis::crashNow(Machine& machine) {
  if (restarts_.contains(&machine) || !machine.running()) return;
  machine.crash(loss());
  restarts_.insert({&machine, soon(DOWN_MAX_MILLIS)});
}

// In good order, as operators do it, or nearly so; what else crashes does so by itself.
void Nemesis::restartSoon(Machine& machine) {
  if (restarts_.contains(&machine) || !machine.running()) return;
  if (random_.chance(0.5)) {
    machine.stop();
  } else {
    machine.crash(random_.chance(0.7) ? io::CrashLoss::NOTHING : loss());
  }
  restarts_.insert({&machine, soon(RESTART_MAX_MILLIS)});
}

void Nemesis::restartDue() {
  const kj::TimePoint now = world_.time.timer().now();
  while (!freeUps_.empty() && freeUps_.begin()->first <= now) {
    freeUps_.begin()->second->host().freeUp();
    freeUps_.erase(freeUps_.begin());
  }
  for (auto& machine : cluster_.machines()) {  // not by address: that differs from run to run
    const auto due = restarts_.find(machine.get());
    if (due == restarts_.end() || due->second > now) continue;
    restarts_.erase(due);
    // Still up: its disk is sick, it has not stopped, or the call that was to fail never came.
    if (machine->running()) machine->crash(loss());
    if (!machine->host().alive()) start(*machine);
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
  healed_ = true;
  world_.network.setPace({});
  world_.network.heal();
  for (Machine* machine : volumes_.mendAll()) {
    if (machine->running()) machine->crash(io::CrashLoss::NOTHING);
  }
  for (auto& machine : cluster_.machines()) {
    machine->setWorkPace({});
    machine->host().freeUp();
    if (restarts_.contains(machine.get()) && machine->running()) machine->crash(loss());
    if (!machine->host().alive()) start(*machine);
  }
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    if (!clients_[i]->running()) clients_[i]->start(workers_[i]);
  }
}

}  // namespace cairn::sim
