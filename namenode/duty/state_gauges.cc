#include "namenode/duty/state_gauges.h"

namespace cairn::nn {

StateGauges::StateGauges(metrics::Registry& registry)
    : live_(registry.gauge("cairn_namenode_datanodes_live", "Datanodes that are heard of")),
      stale_(registry.gauge("cairn_namenode_datanodes_stale",
                            "Datanodes that are silent, and do not count as dead yet")),
      dead_(registry.gauge("cairn_namenode_datanodes_dead",
                           "Datanodes that have been silent for too long")),
      known_(
          registry.gauge("cairn_namenode_datanodes_known", "Datanodes that have ever registered")),
      volumesFailed_(registry.gauge("cairn_namenode_volumes_failed",
                                    "Volumes out of service on datanodes that are not dead")),
      capacityBytes_(registry.gauge(
          "cairn_namenode_capacity_bytes",
          "Size of the disks of all volumes in service on datanodes that are there")),
      usedBytes_(
          registry.gauge("cairn_namenode_used_bytes", "What replicas take on volumes in service")),
      freeBytes_(registry.gauge("cairn_namenode_free_bytes",
                                "What may still be written on volumes in service")),
      files_(registry.gauge("cairn_namenode_files", "Files")),
      directories_(registry.gauge("cairn_namenode_directories", "Directories")),
      writers_(registry.gauge("cairn_namenode_files_open", "Files open for writing")),
      chunks_(registry.gauge("cairn_namenode_chunks", "Chunks that are complete")),
      underReplicated_(registry.gauge("cairn_namenode_chunks_under_replicated",
                                      "Chunks with fewer good replicas than wanted, but one")),
      missing_(
          registry.gauge("cairn_namenode_chunks_missing", "Chunks without a replica within reach")),
      damagedReplicas_(registry.gauge("cairn_namenode_replicas_damaged",
                                      "Replicas that are said to read wrong")),
      deletes_(registry.gauge("cairn_namenode_deletes_open",
                              "Replicas that datanodes have been told to delete, or will be")),
      safeMode_(registry.gauge("cairn_namenode_safe_mode", "1 while safe mode is on")),
      logBytes_(registry.gauge("cairn_namenode_log_bytes",
                               "The log of changes, as far as a restart needs it")),
      databaseBytes_(registry.gauge("cairn_namenode_database_bytes",
                                    "The database's files, without the log")) {}

void StateGauges::update(State& state) {
  const auto set = [](metrics::Gauge& gauge, std::uint64_t value) {
    gauge.set(static_cast<std::int64_t>(value));
  };
  const auto nowMs = state.awakeMs();
  std::uint64_t stale = 0;
  std::uint64_t dead = 0;
  std::uint64_t volumesFailed = 0;
  for (const auto& [node, datanode] : state.datanodes.all()) {
    const auto health = state.datanodes.health(datanode, nowMs);
    if (health == Health::STALE) ++stale;
    if (health == Health::DEAD) {
      ++dead;
      continue;
    }
    for (const auto& volume : datanode.volumes) volumesFailed += volume.failed ? 1 : 0;
  }
  set(live_, state.datanodes.liveNodes(nowMs));
  set(stale_, stale);
  set(dead_, dead);
  set(known_, state.datanodes.all().size());
  set(volumesFailed_, volumesFailed);
  const auto space = state.datanodes.space(nowMs);
  set(capacityBytes_, space.capacityBytes);
  set(usedBytes_, space.usedBytes);
  set(freeBytes_, space.freeBytes);
  const auto& counts = state.commits.last().counts();
  set(files_, counts.files());
  set(directories_, counts.directories());
  set(writers_, state.leases.files());
  set(chunks_, counts.chunks());
  set(underReplicated_, state.census.counts.underReplicated);
  set(missing_, state.census.counts.missing);
  set(damagedReplicas_, state.suspects.size());
  set(deletes_, state.datanodes.openDeletes());
  set(safeMode_, state.safeMode.on() ? 1 : 0);
  set(logBytes_, state.store->logBytes());
  set(databaseBytes_, state.store->diskBytes());
}

}  // namespace cairn::nn
