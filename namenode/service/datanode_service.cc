#include "namenode/service/datanode_service.h"

#include <algorithm>
#include <utility>

#include "common/base/inventory.h"
#include "common/log/log.h"
#include "common/rpc/convert.h"
#include "namenode/meta/records.h"
#include "namenode/ops/open_file.h"
#include "namenode/ops/register_datanode.h"
#include "namenode/ops/replicas.h"
#include "namenode/ops/report_replica.h"
#include "namenode/place/rack_table.h"
#include "namenode/service/datanode_input.h"
#include "namenode/state/chunk_copies.h"

namespace cairn::nn {
namespace {

template <typename Context>
void fault(Context& context, const Status& why) {
  rpc::toWire(why, context.getResults().initFault());
}

}  // namespace

DatanodeService::~DatanodeService() noexcept(false) {
  bool any = false;
  for (auto& [node, datanode] : state_->datanodes.all()) {
    if (datanode.session != session_) continue;
    datanode.session = 0;
    any = true;
    if (!state_->stopping) {
      LOG(WARNING) << "datanode " << node.value << " (" << datanode.address
                   << "): its connection is gone";
    }
  }
  if (any && !state_->stopping) state_->datanodesChanged();
}

Result<Datanode*> DatanodeService::callerOf(std::uint32_t node, std::uint64_t epoch) {
  TRY(state_->allowReads());
  Datanode* const datanode = state_->datanodes.find(NodeId(node));
  if (datanode == nullptr || !datanode->registered || epoch != state_->store->epoch().value) {
    return fail(Code::STALE, "register first: this namenode has started since");
  }
  if (datanode->newestSession > session_) {
    return fail(Code::STALE, "the datanode has registered on another connection since");
  }
  if (datanode->session != session_) {
    // Its connection was lost and made again.
    datanode->session = session_;
    datanode->newestSession = session_;
    state_->datanodesChanged();
  }
  const bool wasLive = state_->datanodes.health(*datanode, state_->awakeMs()) == Health::LIVE;
  datanode->heardMs = state_->awakeMs();
  datanode->heardWallMs = state_->host.clock.nowMs();
  if (!wasLive) state_->datanodesChanged();
  return datanode;
}

Result<void> DatanodeService::checkHistory(wire::DatanodeInfo::Reader info) {
  const Epoch heard(info.getHeardEpoch());
  const Epoch own = state_->store->epoch();
  NewerSigns signs;
  if (heard > own) signs.epoch = heard;
  // It was told of no group that was not durable: who opens the directory later has that one.
  const TxId group(info.getHeardGroup());
  if (heard >= state_->givenUpBefore() && group > state_->commits.durableGroup()) {
    signs.group = group;
  }
  state_->noteNewer(signs, rpc::toView(info.getAddress().getAddress()));
  if (heard <= own) return {};
  return fail(Code::STALE, "this namenode is of epoch " + std::to_string(own.value) +
                               ", the datanode has followed epoch " + std::to_string(heard.value) +
                               ": the namenode's directory is older than it should be");
}

TxId DatanodeService::groupToName() const {
  return state_->safeMode.older() ? TxId() : state_->commits.durableGroup();
}

Result<NodeId> DatanodeService::admit(wire::DatanodeInfo::Reader info, std::string_view scripted) {
  TRY(state_->allowReads());
  TRY(checkHistory(info));
  const Uuid uuid = rpc::fromWire(info.getUuid());
  const Uuid boot = rpc::fromWire(info.getBoot());
  const auto address = info.getAddress();
  Datanode* datanode = state_->datanodes.findByUuid(uuid);
  if (datanode != nullptr && datanode->newestSession > session_) {
    return fail(Code::STALE, "the datanode has registered on another connection since");
  }
  if (datanode != nullptr && datanode->session != 0 && datanode->session != session_ &&
      datanode->boot != boot && datanode->address != rpc::toView(address.getAddress()) &&
      state_->datanodes.health(*datanode, state_->awakeMs()) == Health::LIVE) {
    return fail(Code::IN_USE, "a live datanode at " + datanode->address +
                                  " has the same directory (uuid " + uuid.toString() +
                                  "): was the directory copied?");
  }
  if (datanode == nullptr && state_->datanodes.all().size() >= DATANODES_MAX) {
    return fail(Code::LIMIT_EXCEEDED,
                "this namenode knows " + std::to_string(DATANODES_MAX) + " datanodes already");
  }
  DatanodeSeen seen{.node = datanode != nullptr ? datanode->node : state_->ids.nextNode(),
                    .uuid = uuid,
                    .address = rpc::toString(address.getAddress()),
                    .socket = rpc::toString(address.getSocket()),
                    .machine = rpc::toString(address.getMachine()),
                    .rack = {}};
  seen.rack = rackOf(state_->config, seen.address, scripted, rpc::toView(address.getRack()));
  const auto applied = state_->applyDuty(
      [&](Draft& draft) { return registerDatanode(draft, seen, state_->host.clock.nowMs()); });
  TRY(applied.answer);
  if (datanode == nullptr) {
    Datanode fresh;
    fresh.node = seen.node;
    fresh.uuid = uuid;
    datanode = &state_->datanodes.add(std::move(fresh));
  }
  // Whoever was known at this address is not there any more: a datanode that lost its directory, or
  // crashed before it had noted who it is. A duty forgets it (HDFS does the same).
  for (auto& [node, other] : state_->datanodes.all()) {
    if (node == seen.node || other.address != seen.address) continue;
    other.registered = false;
    other.session = 0;
    other.replaced = true;
    other.replacedMs = state_->monotonicMs();
    other.deletes.clear();
  }
  datanode->boot = boot;
  datanode->address = seen.address;
  datanode->socket = seen.socket;
  datanode->machine = seen.machine;
  datanode->rack = seen.rack;
  datanode->registered = true;
  datanode->replaced = false;
  datanode->inventoryKnown = false;
  datanode->caughtUp = false;
  datanode->nextRange = 0;
  datanode->compared = false;
  datanode->rangesDue.clear();
  datanode->session = session_;
  datanode->newestSession = session_;
  datanode->heardMs = state_->awakeMs();
  datanode->heardWallMs = state_->host.clock.nowMs();
  datanode->registeredAt = state_->commits.newest();
  datanode->volumes = volumesOf(info.getVolumes());
  datanode->activeTransfers = 0;
  datanode->assigned = 0;
  for (auto& [chunk, order] : datanode->deletes) order.sentMs = 0;
  // It has dropped what it was told to do and has not done.
  datanode->recoveries.clear();
  datanode->copies.clear();
  datanode->checks.clear();
  state_->repairs.endAll(datanode->node);
  state_->suspects.askAgain(datanode->node);
  state_->datanodesChanged();
  LOG(INFO) << "datanode " << seen.node.value << " at " << seen.address << " has registered, rack "
            << seen.rack;
  return seen.node;
}

bool DatanodeService::mustWait() const {
  const auto allowed = state_->commits.allowChanges();
  return !allowed.has_value() && allowed.error().code() == Code::OVERLOADED;
}

kj::Promise<void> DatanodeService::roomForChanges() {
  return state_->commits.durable(state_->commits.newest()).ignoreResult();
}

kj::Promise<void> DatanodeService::register_(RegisterContext context) {
  const auto info = context.getParams().getInfo();
  if (auto checked = checkInfo(info); !checked.has_value()) {
    fault(context, checked.error());
    co_return;
  }
  std::string scripted;
  const auto address = rpc::toView(info.getAddress().getAddress());
  if (state_->rackScript != nullptr && rackInTable(state_->config.rackTable, address).empty()) {
    scripted = co_await state_->rackScript->rackOf(std::string(hostOf(address)));
  }
  while (mustWait()) co_await roomForChanges();
  const auto node = admit(info, scripted);
  if (!node.has_value()) {
    fault(context, node.error());
    co_return;
  }
  // Its number has to be on the disk before it uses it.
  const auto durable = co_await state_->commits.durable(state_->commits.newest());
  if (!durable.has_value()) {
    fault(context, durable.error());
    co_return;
  }
  auto results = context.getResults();
  results.setNode(node->value);
  results.setEpoch(state_->store->epoch().value);
  rpc::toWire(state_->store->cluster(), results.initCluster());
  results.setHeartbeatMs(state_->config.heartbeatMs);
  results.setGroup(groupToName().value);
}

Result<std::vector<std::uint64_t>> DatanodeService::compare(Datanode& datanode,
                                                            CompareInventoryContext& context) {
  const auto params = context.getParams();
  constexpr std::uint64_t RANGE_MAX = ~std::uint64_t{0} >> INVENTORY_RANGE_SHIFT;
  const Draft view = state_->commits.draft();
  std::vector<std::uint64_t> unequal;
  const auto rows = view.scanFrom(Table::REPLICA, digestPrefix(datanode.node),
                                  digestKey(datanode.node, datanode.nextRange));
  const auto passUpTo = [&](std::uint64_t range, bool including) {
    // Ranges that the tables have and the datanode did not name.
    for (; rows->valid(); rows->next()) {
      const std::uint64_t known = rangeInDigestKey(rows->key());
      if (known > range || (known == range && !including)) break;
      unequal.push_back(known);
    }
  };
  for (const auto named : params.getRanges()) {
    const std::uint64_t range = named.getRange();
    if (range < datanode.nextRange || range > RANGE_MAX) {
      return fail(Code::INVALID_ARGUMENT, "the ranges are not in order");
    }
    if (datanode.rangesDue.size() + unequal.size() >= RANGES_DUE_MAX) {
      return fail(Code::LIMIT_EXCEEDED, "the datanode does not report the ranges that differ");
    }
    passUpTo(range, false);
    record::RangeDigest known;
    if (rows->valid() && rangeInDigestKey(rows->key()) == range) {
      TRY(parseRow(Table::REPLICA, rows->key(), rows->value(), known));
      rows->next();
    }
    if (known.count() != named.getCount() || known.sum_high() != named.getSum().getHigh() ||
        known.sum_low() != named.getSum().getLow()) {
      unequal.push_back(range);
    }
    datanode.nextRange = range + 1;
  }
  if (params.getLast()) passUpTo(~std::uint64_t{0}, true);
  TRY(rows->status());
  return unequal;
}

kj::Promise<void> DatanodeService::compareInventory(CompareInventoryContext context) {
  const auto params = context.getParams();
  const auto datanode = callerOf(params.getNode(), params.getEpoch());
  if (!datanode.has_value()) {
    fault(context, datanode.error());
    return kj::READY_NOW;
  }
  const auto unequal = compare(**datanode, context);
  if (!unequal.has_value()) {
    fault(context, unequal.error());
    return kj::READY_NOW;
  }
  auto ranges = context.getResults().initUnequal(static_cast<unsigned>(unequal->size()));
  for (unsigned i = 0; i < ranges.size(); ++i) {
    ranges.set(i, (*unequal)[i]);
    (*datanode)->rangesDue.insert((*unequal)[i]);
  }
  if (params.getLast()) {
    (*datanode)->compared = true;
    finishInventory(**datanode);
  }
  return kj::READY_NOW;
}

void DatanodeService::finishInventory(Datanode& datanode) {
  if (datanode.inventoryKnown || !datanode.compared || !datanode.rangesDue.empty()) return;
  datanode.inventoryKnown = true;
  datanode.settled = true;
  state_->datanodesChanged();
}

kj::Promise<void> DatanodeService::reportRange(ReportRangeContext context) {
  if (mustWait()) {
    return roomForChanges().then([this, context]() mutable { return reportRange(context); });
  }
  const auto params = context.getParams();
  const auto datanode = callerOf(params.getNode(), params.getEpoch());
  if (!datanode.has_value()) {
    fault(context, datanode.error());
    return kj::READY_NOW;
  }
  const auto reports = reportsOf(params.getReplicas());
  if (!reports.has_value()) {
    fault(context, reports.error());
    return kj::READY_NOW;
  }
  state_->noteNewer(newerIds(state_->ids, *reports), (*datanode)->address);
  const auto applied = state_->applyDuty(
      [&](Draft& draft) -> Result<Outcome> {
        Outcome outcome;
        TRY(nn::reportRange(draft, reporter(**datanode), params.getRange(), *reports,
                            outcome.deletes));
        return outcome;
      },
      true);
  if (!applied.answer.has_value()) {
    fault(context, applied.answer.error());
    return kj::READY_NOW;
  }
  (*datanode)->rangesDue.erase(params.getRange());
  finishInventory(**datanode);
  return kj::READY_NOW;
}

Reporter DatanodeService::reporter(const Datanode& datanode) const {
  return {.node = datanode.node,
          .epoch = state_->store->epoch(),
          .registeredAt = datanode.registeredAt,
          .ids = state_->ids};
}

Result<void> DatanodeService::takeReports(HeartbeatContext& context, Datanode& datanode) {
  const auto params = context.getParams();
  TRY(checkCount(params.getRemoved().size(), REPLICAS_PER_CALL_MAX, "removed replicas"));
  ASSIGN(const auto changed, reportsOf(params.getChanged()));
  state_->noteNewer(newerIds(state_->ids, changed), datanode.address);
  const auto applied = state_->applyDuty(
      [&](Draft& draft) -> Result<Outcome> {
        Outcome outcome;
        for (const auto& report : changed) {
          TRY(reportReplica(draft, reporter(datanode), report, outcome.deletes));
        }
        for (const auto removed : params.getRemoved()) {
          TRY(reportRemoved(draft, datanode.node, ChunkId(removed.getId()),
                            GenerationStamp(removed.getGeneration())));
        }
        return outcome;
      },
      true);
  TRY(applied.answer);
  for (const auto& report : changed) {
    noteForRepair(datanode.node, report);
    orderAwayIfNewer(datanode.node, report);
    if (report.state == ReportedReplica::State::FINAL) {
      if (state_->suspects.trust(datanode.node, report.chunk, report.generation)) {
        // Another one may have been made for it.
        state_->repairs.review(report.chunk, RepairNeed::UNSURE);
      }
    } else if (report.state == ReportedReplica::State::DAMAGED) {
      suspect(datanode.node, report.chunk, report.generation);
      state_->suspects.confirm(datanode.node, report.chunk, report.generation,
                               state_->monotonicMs());
      const auto known = findReplica(state_->commits.draft(), report.chunk, datanode.node);
      if (known.has_value() && !known->has_value()) {
        LOG(WARNING) << "an unfinished copy of chunk " << report.chunk.value << " on datanode "
                     << datanode.node.value << " is damaged: it counts with its first "
                     << report.length << " bytes";
      }
    } else if (report.state == ReportedReplica::State::QUARANTINED) {
      state_->suspects.forget(datanode.node, report.chunk, report.generation);
      noteDamage(datanode.node, report.chunk);
    }
  }
  TRY(takeFailedCopies(context, datanode.node));
  for (const auto removed : params.getRemoved()) {
    const ChunkId chunk(removed.getId());
    // It may have become one of a newer generation: dueVerifies() sees what there is.
    state_->suspects.lookAgain(datanode.node, chunk);
    const auto order = datanode.deletes.find(chunk);
    if (order != datanode.deletes.end() &&
        order->second.generation.value <= removed.getGeneration()) {
      datanode.deletes.erase(order);
    } else {
      // Nobody has asked for it: its volume has failed, or it has another generation now.
      state_->repairs.review(chunk, RepairNeed::SHORT);
    }
  }
  return {};
}

void DatanodeService::noteForRepair(NodeId node, const ReportedReplica& report) {
  switch (report.state) {
    case ReportedReplica::State::FINAL:
      // Perhaps it was the last that was missing, perhaps fewer are wanted by now.
      if (state_->repairs.arrived(report.chunk, node)) {
        state_->repairs.review(report.chunk, RepairNeed::UNSURE);
        lookAgainAtSuspects(report.chunk);
      }
      break;
    case ReportedReplica::State::DAMAGED:
    case ReportedReplica::State::QUARANTINED: {
      // If it was just made, another one is, in a while: it may have been found so before anybody
      // told that it is there.
      const auto chunk = findChunk(state_->commits.draft(), report.chunk);
      if (chunk.has_value() && chunk->has_value() && isWholeCopy(**chunk, report)) {
        state_->repairs.failed(report.chunk, node, state_->monotonicMs());
      }
      state_->repairs.review(report.chunk, RepairNeed::SHORT);
      break;
    }
    case ReportedReplica::State::BEING_WRITTEN: break;
  }
}

Result<void> DatanodeService::takeFailedCopies(HeartbeatContext& context, NodeId node) {
  const auto failures = context.getParams().getCopiesFailed();
  TRY(checkCount(failures.size(), COPIES_FAILED_MAX, "failed copies"));
  for (const auto failure : failures) {
    const ChunkId chunk(failure.getChunk().getId());
    TRY(checkCount(failure.getDamaged().size(), limits::REPLICATION_MAX, "damaged sources"));
    for (const auto source : failure.getDamaged()) {
      suspect(NodeId(source), chunk, GenerationStamp(failure.getChunk().getGeneration()));
    }
    state_->repairs.failed(chunk, node, state_->monotonicMs());
  }
  return {};
}

void DatanodeService::suspect(NodeId node, ChunkId chunk, GenerationStamp generation) {
  const auto known = findReplica(state_->commits.draft(), chunk, node);
  if (!known.has_value() || !known->has_value()) return;
  if ((*known)->generation() != generation.value) return;
  if (state_->suspects.add(node, chunk, generation)) {
    LOG(WARNING) << "the copy of chunk " << chunk.value << " on datanode " << node.value
                 << " is reported as damaged";
  }
}

void DatanodeService::orderAwayIfNewer(NodeId node, const ReportedReplica& report) {
  if (report.state == ReportedReplica::State::QUARANTINED) return;
  if (!state_->ids.wasHandedOut(report.generation)) return;
  // Its generation was promised to a writer or a recovery that has ended with another one. Whoever
  // opens the file from now on gets a newer one still.
  const auto nobodyWants = [&](const MetaView& view) {
    const auto row = findChunk(view, report.chunk);
    if (!row.has_value() || !row->has_value()) return false;
    if ((*row)->state() != record::CHUNK_COMMITTED) return false;
    if (report.generation.value <= (*row)->generation()) return false;
    const auto lease = findLease(view, InodeId((*row)->inode()));
    return lease.has_value() && !lease->has_value();
  };
  // What is not durable yet may be lost, and what has just been opened is wanted.
  const Draft newest = state_->commits.draft();
  if (!nobodyWants(state_->store->latest()) || !nobodyWants(newest)) return;
  const auto known = copiesOf(*state_, newest, report.chunk);
  if (!known.has_value() || !known->has_value() || spareCopies((*known)->copies, 1) < 0) return;
  LOG(INFO) << "datanode " << node.value << " is to delete its generation "
            << report.generation.value << " of chunk " << report.chunk.value
            << ", which was committed as " << (*known)->chunk.generation();
  state_->datanodes.orderDelete(node, report.chunk, report.generation);
}

void DatanodeService::lookAgainAtSuspects(ChunkId chunk) {
  if (state_->suspects.size() == 0) return;
  const auto copies = replicasOf(state_->commits.draft(), chunk);
  if (!copies.has_value()) return;
  for (const auto& copy : *copies) state_->suspects.lookAgain(copy.node, chunk);
}

void DatanodeService::noteDamage(NodeId node, ChunkId chunk) {
  LOG(WARNING) << "datanode " << node.value << " has put aside its copy of chunk " << chunk.value
               << ": it is damaged";
  const Draft view = state_->commits.draft();
  const auto row = findChunk(view, chunk);
  if (!row.has_value() || !row->has_value()) return;
  if ((*row)->state() != record::CHUNK_COMMITTED) return;
  const auto left = replicasOf(view, chunk);
  if (left.has_value() && left->empty()) {
    LOG(ERROR) << "chunk " << chunk.value << " of " << describeInode(view, InodeId((*row)->inode()))
               << ": its last known copy is damaged";
  }
}

kj::Promise<void> DatanodeService::heartbeat(HeartbeatContext context) {
  if (mustWait()) {
    return roomForChanges().then([this, context]() mutable { return heartbeat(context); });
  }
  const auto params = context.getParams();
  const auto caller = callerOf(params.getNode(), params.getEpoch());
  if (!caller.has_value()) {
    if (caller.error().code() != Code::STALE) {
      fault(context, caller.error());
      return kj::READY_NOW;
    }
    auto command = context.getResults().initCommands(1)[0];
    command.setEpoch(state_->store->epoch().value);
    command.setRegister();
    return kj::READY_NOW;
  }
  Datanode& datanode = **caller;
  if (auto few = checkCount(params.getVolumes().size(), VOLUMES_MAX, "volumes"); !few.has_value()) {
    fault(context, few.error());
    return kj::READY_NOW;
  }
  datanode.volumes = volumesOf(params.getVolumes());
  datanode.activeTransfers = params.getActiveTransfers();
  datanode.assigned = 0;
  datanode.quarantined = params.getQuarantined();
  const bool caughtUp =
      datanode.caughtUp ||
      (datanode.inventoryKnown &&
       params.getChanged().size() + params.getRemoved().size() < CAUGHT_UP_NEWS_MAX);
  if (params.getChanged().size() > 0 || params.getRemoved().size() > 0 ||
      params.getCopiesFailed().size() > 0) {
    if (auto taken = takeReports(context, datanode); !taken.has_value()) {
      fault(context, taken.error());
      return kj::READY_NOW;
    }
  }
  datanode.caughtUp = caughtUp;
  context.getResults().setGroup(groupToName().value);
  fillCommands(datanode, context);
  return kj::READY_NOW;
}

}  // namespace cairn::nn
