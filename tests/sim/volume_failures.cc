#include "tests/sim/volume_failures.h"

#include "common/async/coroutine.h"
#include "datanode/store/known_volumes.h"
#include "datanode/store/replica_name.h"
#include "datanode/store/volume_identity.h"

namespace cairn::sim {
namespace {

constexpr std::int64_t OUTAGE_MAX_MILLIS = 40'000;
// Time enough for a recovery to be tried while the volumes are away.
constexpr std::int64_t OUTAGE_UNDER_WRITER_MILLIS = 15'000;

}  // namespace

VolumeTrouble VolumeTrouble::draw(io::Random& random, std::int64_t scale) {
  VolumeTrouble trouble{.scale = scale};
  if (!random.chance(0.4)) return trouble;
  if (random.chance(0.7)) trouble.everyMillis = random.between(2'000, 15'000) * scale;
  if (random.chance(0.7)) trouble.underWriters = random.unit() * 0.2;
  return trouble;
}

VolumeFailures::VolumeFailures(SimWorld& world, Cluster& cluster, Onlooker& onlooker,
                               io::Random random, VolumeTrouble trouble, Strikes strikes)
    : world_(world),
      cluster_(cluster),
      onlooker_(onlooker),
      random_(std::move(random)),
      trouble_(trouble),
      strikes_(std::move(strikes)) {}

void VolumeFailures::tick(std::int64_t millis) {
  const kj::TimePoint now = world_.time.timer().now();
  for (auto it = outages_.begin(); it != outages_.end();) {
    Machine& machine = cluster_.datanode(it->first);
    if (it->second.until <= now) {
      it = outages_.erase(it);
      machine.host().mendPart();
      strikes_.restart(machine);
      continue;
    }
    if (it->second.restart <= now) {
      it->second.restart = it->second.until;
      strikes_.restart(machine);
    }
    ++it;
  }
  if (trouble_.everyMillis == 0) return;
  if (!random_.chance(double(millis) / double(trouble_.everyMillis))) return;
  const auto datanode = static_cast<unsigned>(random_.below(cluster_.datanodes()));
  const std::string volume = VOLUMES[random_.below(std::size(VOLUMES))];
  if (canLose(datanode, volume)) fail(datanode, volume, soon(0, OUTAGE_MAX_MILLIS));
}

kj::Maybe<kj::Promise<bool>> VolumeFailures::flushed(WorkerState& worker) {
  if (trouble_.underWriters == 0 || strikes_.over() || worker.write->operation == 0) return nullptr;
  if (!random_.chance(trouble_.underWriters)) return nullptr;
  const auto operation = worker.write->operation;
  const auto& outcome = worker.model.open().at(operation).outcomes.back();
  return strikeUnder({&worker, operation, outcome.begin()->first});
}

kj::Promise<bool> VolumeFailures::strikeUnder(OpenedFile file) {
  const auto look = co_await onlooker_.glance(file.path);
  if (strikes_.over() || !file.isBeingWritten() || !look.has_value()) co_return false;
  const kj::TimePoint until = soon(OUTAGE_UNDER_WRITER_MILLIS, OUTAGE_MAX_MILLIS);
  bool all = !look->pipeline.empty();
  for (const auto& address : look->pipeline) {
    for (unsigned i = 0; i < cluster_.datanodes(); ++i) {
      if (!address.starts_with(cluster_.datanode(i).host().address() + ':')) continue;
      const std::string volume = volumeOf(i, look->chunk);
      const bool fails = !volume.empty() && canLose(i, volume);
      all = all && fails;
      if (fails) fail(i, volume, until);
    }
  }
  if (all) world_.reach.count(Reached::VOLUMES_FAIL_UNDER_WRITER);
  // Else it writes on, with other datanodes or none.
  co_return random_.chance(0.7);
}

bool VolumeFailures::canLose(unsigned datanode, const std::string& volume) {
  Machine& machine = cluster_.datanode(datanode);
  if (outages_.contains(datanode) || !machine.started()) return false;
  auto& disk = machine.host().durable();
  for (const auto* each : VOLUMES) {
    for (const auto file : {dn::IDENTITY_FILE, dn::VOLUMES_FILE}) {
      const auto info = disk.statIfExists(io::joinPath(each, file));
      if (!info.has_value() || !info->has_value()) return false;
    }
  }
  return true;
}

void VolumeFailures::fail(unsigned datanode, std::string volume, kj::TimePoint until) {
  using Kind = FailedPart::Kind;
  constexpr Kind KINDS[] = {Kind::DEAD, Kind::DEAD, Kind::READ_ONLY, Kind::UNMOUNTED};
  SimHost& host = cluster_.datanode(datanode).host();
  host.failPart(std::move(volume), KINDS[random_.below(std::size(KINDS))]);
  world_.reach.count(Reached::VOLUME_FAILS);
  // The namenode waits for what is lost with a volume for ten minutes.
  if (trouble_.scale > 1) ++givenUp_;
  Outage outage{.until = until, .restart = until};
  if (random_.chance(0.4)) outage.restart = soon(0, OUTAGE_UNDER_WRITER_MILLIS);
  outages_.emplace(datanode, outage);
}

std::string VolumeFailures::volumeOf(unsigned datanode, std::uint64_t chunk) {
  auto& disk = cluster_.datanode(datanode).host().durable();
  for (const auto* volume : VOLUMES) {
    const auto unfinished = disk.list(io::joinPath(volume, dn::RBW_DIR));
    if (unfinished.has_value()) {
      for (const auto& entry : *unfinished) {
        const auto key = dn::parseRbwName(entry.name);
        if (key && key->chunk.value == chunk) return volume;
      }
    }
    const auto finals = disk.list(io::joinPath(volume, dn::finalDirOf(ChunkId(chunk))));
    if (!finals.has_value()) continue;
    for (const auto& entry : *finals) {
      const auto name = dn::parseFinalName(entry.name);
      if (name && name->key.chunk.value == chunk) return volume;
    }
  }
  return "";
}

std::vector<Machine*> VolumeFailures::mendAll() {
  std::vector<Machine*> machines;
  for (const auto& [datanode, outage] : outages_) {
    Machine& machine = cluster_.datanode(datanode);
    machine.host().mendPart();
    machines.push_back(&machine);
  }
  outages_.clear();
  return machines;
}

kj::TimePoint VolumeFailures::soon(std::int64_t leastMillis, std::int64_t maxMillis) {
  return world_.time.timer().now() +
         random_.between(leastMillis, maxMillis) * trouble_.scale * kj::MILLISECONDS;
}

}  // namespace cairn::sim
