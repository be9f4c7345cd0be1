// ClientService: leases, damage reports, and what operators ask for.
#include "common/log/log.h"
#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/service/client_service.h"
#include "namenode/service/to_wire.h"

namespace cairn::nn {

using rpc::toText;
using rpc::toView;

namespace {

// Chunks up to which a report counts replicas afresh (some ten milliseconds); above it, it shows
// what the census duty has counted last.
constexpr std::size_t COUNT_AT_ONCE_MAX = 5000;

struct Held {
  std::uint64_t replicas = 0;
  std::uint64_t plainBytes = 0;
};

// What the tables say that a datanode holds. O(ranges).
Result<Held> heldBy(const MetaView& view, NodeId node) {
  Held held;
  const auto cursor = view.scan(Table::REPLICA, digestPrefix(node));
  for (; cursor->valid(); cursor->next()) {
    record::RangeDigest range;
    TRY(parseRow(Table::REPLICA, cursor->key(), cursor->value(), range));
    held.replicas += range.count();
    held.plainBytes += range.plain_bytes();
  }
  TRY(cursor->status());
  return held;
}

void fillDatanode(const State& state, const Datanode& datanode, const Held& held,
                  wire::DatanodeReport::Builder to) {
  toWire(datanode, to.initAddress());
  rpc::toWire(datanode.uuid, to.initUuid());
  to.setLive(datanode.session != 0 &&
             state.datanodes.health(datanode, state.awakeMs()) == Health::LIVE);
  to.setLastHeartbeat(datanode.heardWallMs);
  auto volumes = to.initVolumes(static_cast<unsigned>(datanode.volumes.size()));
  for (unsigned i = 0; i < volumes.size(); ++i) {
    const VolumeState& volume = datanode.volumes[i];
    volumes[i].setPath(toText(volume.path));
    volumes[i].setCapacity(volume.capacityBytes);
    volumes[i].setUsed(volume.usedBytes);
    volumes[i].setFree(volume.freeBytes);
    volumes[i].setFailed(volume.failed);
    volumes[i].setError(toText(volume.error));
    volumes[i].setReplicas(volume.replicas);
  }
  to.setActiveTransfers(datanode.activeTransfers);
  to.setQuarantined(datanode.quarantined);
  to.setReplicas(held.replicas);
  to.setPlainBytes(held.plainBytes);
}

}  // namespace

kj::Promise<void> ClientService::renewLease(RenewLeaseContext context) {
  if (isNew(context.getParams().getCall())) {
    return onceKnown(context, &ClientService::renewLease);
  }
  const auto renew = [&]() -> Result<bool> {
    TRY(state_->allowReads());
    ASSIGN(const Caller* const caller, callerOf(context.getParams().getCall()));
    state_->leases.renew(caller->client, state_->awakeMs());
    return true;
  };
  return answerRead(context, Method::RENEW_LEASE, renew(),
                    [&](auto& results, bool) { results.setLeaseRenewMs(leaseRenewMs(*state_)); });
}

kj::Promise<void> ClientService::reportBadReplica(ReportBadReplicaContext context) {
  if (isNew(context.getParams().getCall())) {
    return onceKnown(context, &ClientService::reportBadReplica);
  }
  const auto note = [&]() -> Result<bool> {
    TRY(state_->allowReads());
    const auto params = context.getParams();
    ASSIGN(const Caller* const caller, callerOf(params.getCall()));
    const ChunkId chunk(params.getChunk().getId());
    const NodeId node(params.getNode());
    ASSIGN(const auto known, findReplica(state_->store->latest(), chunk, node));
    if (!known.has_value() || known->generation() != params.getChunk().getGeneration()) {
      return false;  // gone by now, or never there
    }
    // Anyone may say so: it only moves the copy to the end of the readers' list until the datanode
    // has looked at it itself.
    if (state_->suspects.add(node, chunk, GenerationStamp(known->generation()))) {
      // Its datanode says first whether that is true.
      constexpr std::int64_t VERIFY_MS = 30'000;
      state_->repairs.reviewLater(chunk, RepairNeed::SHORT, state_->monotonicMs(), VERIFY_MS);
      constexpr std::size_t REASON_BYTES_MAX = 500;
      LOG(WARNING) << "user " << caller->user << " reports a bad replica: chunk " << chunk.value
                   << " on datanode " << node.value << ": "
                   << toView(params.getReason()).substr(0, REASON_BYTES_MAX);
    }
    return true;
  };
  return answerRead(context, Method::REPORT_BAD_REPLICA, note(), [](auto&, bool) {});
}

kj::Promise<void> ClientService::report(ReportContext context) {
  if (isNew(context.getParams().getCall())) {
    return onceKnown(context, &ClientService::report);
  }
  // So many rows may wait for the disk, and what is counted decides on safe mode.
  MemoryOnly::end();
  const auto read = [&]() -> Result<std::vector<Held>> {
    TRY(state_->allowReads());
    TRY(callerOf(context.getParams().getCall()));
    if (state_->commits.last().counts().chunks() <= COUNT_AT_ONCE_MAX) {
      CountReplicas count;
      TRY(count.step(*state_->store->snapshot(), state_->reachable(), state_->suspect(),
                     2 * COUNT_AT_ONCE_MAX));
      state_->takeCounts(count.counts(), state_->nodesVersion);
    }
    std::vector<Held> all;
    for (const auto& [node, datanode] : state_->datanodes.all()) {
      ASSIGN(const Held held, heldBy(state_->store->latest(), node));
      all.push_back(held);
    }
    return all;
  };
  return answerRead(context, Method::REPORT, read(), [&](auto& results, const auto& held) {
    auto report = results.initReport();
    fillServerInfo(*state_, report.initInfo());
    auto datanodes = report.initDatanodes(static_cast<unsigned>(held.size()));
    unsigned i = 0;
    for (const auto& [node, datanode] : state_->datanodes.all()) {
      fillDatanode(*state_, datanode, held[i], datanodes[i]);
      ++i;
    }
    const auto& counts = state_->commits.last().counts();
    report.setFiles(counts.files());
    report.setDirectories(counts.directories());
    report.setChunks(counts.chunks());
    report.setUnderReplicated(state_->census.counts.underReplicated);
    report.setMissing(state_->census.counts.missing);
    report.setCorruptReplicas(state_->suspects.size());
    report.setSafeModeText(toText(state_->safeMode.text()));
    report.setPendingReclaims(counts.garbage() + state_->datanodes.openDeletes());
  });
}

kj::Promise<void> ClientService::safeMode(SafeModeContext context) {
  if (isNew(context.getParams().getCall())) {
    return onceKnown(context, &ClientService::safeMode);
  }
  // Not run again for rows that have to be fetched: it has effects.
  MemoryOnly::end();
  using Action = wire::SafeModeAction;
  const Action action = context.getParams().getAction();
  const auto act = [&]() -> Result<bool> {
    TRY(state_->allowReads());
    ASSIGN(const Caller* const caller, callerOf(context.getParams().getCall()));
    if (action == Action::GET) return true;
    TRY(requireSuperuser(*caller));
    switch (action) {
      case Action::ENTER: state_->safeMode.enter(); break;
      case Action::LEAVE: TRY(state_->leaveSafeMode(false)); break;
      case Action::FORCE_LEAVE: TRY(state_->leaveSafeMode(true)); break;
      default: return fail(Code::INVALID_ARGUMENT, "there is no such action on safe mode");
    }
    LOG(INFO) << "safe mode is turned " << (state_->safeMode.on() ? "on" : "off") << " by "
              << caller->user;
    return true;
  };
  const auto answer = [this](SafeModeContext& to, const Result<bool>& acted) {
    switch (to.getParams().getAction()) {
      case Action::GET: break;
      case Action::ENTER: audit("safemode_enter", to.getParams(), acted); break;
      case Action::FORCE_LEAVE: audit("safemode_force_leave", to.getParams(), acted); break;
      default: audit("safemode_leave", to.getParams(), acted);
    }
    return answerRead(to, Method::SAFE_MODE, acted, [&](auto& results, bool) {
      results.setOn(state_->safeMode.on());
      results.setText(toText(state_->safeMode.text()));
    });
  };
  auto acted = act();
  if (action != Action::FORCE_LEAVE || !acted.has_value()) return answer(context, acted);
  return state_->commits.durable(state_->commits.newest())
      .then([context, answer](Result<void> durable) mutable {
        return answer(context, durable.has_value() ? Result<bool>(true) : fail(durable.error()));
      });
}

}  // namespace cairn::nn
