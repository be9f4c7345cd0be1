#include "namenode/state/state.h"

#include "common/log/log.h"
#include "namenode/meta/records.h"
#include "namenode/ops/release_lease.h"

namespace cairn::nn {

State::State(rpc::Host& host, async::WorkPool& journalPool, const config::NamenodeConfig& config,
             std::shared_ptr<Store> store, Settings settings, GroupsOf groupsOf)
    : host(host),
      config(config),
      settings(std::move(settings)),
      store(std::move(store)),
      ids(this->store->reservations()),
      leases({.softMs = config.leaseSoftMs, .hardMs = config.leaseHardMs}),
      recoveries({.lostMs = config.datanodeDeadMs}),
      callers(this->settings.superuser, this->settings.supergroup, std::move(groupsOf),
              host.workPool),
      datanodes({.staleMs = config.datanodeStaleMs, .deadMs = config.datanodeDeadMs}),
      safeMode(config.safemodeThreshold),
      commits(this->store, journalPool, host.timer, host.clock, host.metrics),
      rackScript(config.rackScript.empty() ? nullptr
                                           : std::make_unique<RackScript>(config.rackScript)),
      awake_(host.clock.monotonicMs()) {}

Result<std::unique_ptr<State>> State::make(rpc::Host& host, async::WorkPool& journalPool,
                                           const config::NamenodeConfig& config,
                                           std::shared_ptr<Store> store, Settings settings,
                                           GroupsOf groupsOf) {
  std::unique_ptr<State> state(new State(host, journalPool, config, std::move(store),
                                         std::move(settings), std::move(groupsOf)));
  const MetaView& view = state->store->latest();
  const std::int64_t nowMs = state->awakeMs();

  const auto leases = view.scan(Table::LEASE, {});
  for (; leases->valid(); leases->next()) {
    record::Lease lease;
    TRY(parseRow(Table::LEASE, leases->key(), leases->value(), lease));
    state->holds(inodeInKey(leases->key()), uuidFromBytes(lease.client()));
  }
  TRY(leases->status());

  const auto nodes = view.scan(Table::SYS, SYS_DATANODES);
  for (; nodes->valid(); nodes->next()) {
    record::Datanode row;
    TRY(parseRow(Table::SYS, nodes->key(), nodes->value(), row));
    Datanode datanode;
    datanode.node = NodeId(row.node());
    datanode.uuid = uuidFromBytes(row.uuid());
    datanode.address = row.address();
    datanode.socket = row.socket();
    datanode.machine = row.machine();
    datanode.rack = row.rack();
    datanode.settled = view.scan(Table::REPLICA, digestPrefix(datanode.node))->valid();
    // It has until the dead limit, from now on, to come back.
    datanode.heardMs = nowMs;
    state->datanodes.add(std::move(datanode));
  }
  TRY(nodes->status());
  TRY(state->calls.load(view, state->monotonicMs()));
  ASSIGN(auto newer, readRow<record::NewerHistory>(view, Table::SYS, SYS_NEWER));
  if (newer.has_value()) state->newer_ = std::move(*newer);
  state->safeMode.setOlder(describeNewer(state->newer_));
  if (state->safeMode.older()) LOG(ERROR) << state->safeMode.text();
  state->safeMode.begin(state->safeModeFacts());
  return state;
}

Result<void> State::allowReads() const {
  if (stopping) return fail(Code::UNAVAILABLE, "the namenode is stopping");
  if (commits.refusal().has_value()) return fail(*commits.refusal());
  return {};
}

Result<void> State::allowChanges() const {
  TRY(allowReads());
  TRY(commits.allowChanges());
  return safeMode.allowChanges();
}

TxId State::reserveIds() {
  if (auto marks = ids.takeReservations()) {
    // A draft of its own: the other may be soft, and this must not be lost, or ids would be handed
    // out twice. Never erased, so it does not matter whether the row is there yet.
    Draft reserve = commits.draft();
    reserve.update(Table::SYS, SYS_RESERVATIONS, std::move(*marks));
    reservedIn_ = commits.accept(reserve);
  }
  return reservedIn_;
}

TxId State::accept(Draft& draft, Outcome& outcome) {
  reserveIds();
  // Derived state follows at once, not when the group is durable: the next operation already builds
  // on it, and if the group fails nothing is served any more.
  for (const auto& [key, row] : draft.changes().rows(Table::LEASE)) {
    if (row.value.has_value()) continue;
    const InodeId file = inodeInKey(key);
    leases.release(file);
    recoveries.end(file);
  }
  for (const auto& [file, client] : draft.changes().holders()) {
    const auto* const row = draft.changes().find(Table::LEASE, inodeKey(file));
    if (row != nullptr && row->value.has_value()) holds(file, client);
  }
  if (!outcome.hasEffects()) return commits.accept(draft);
  Outcome effects;
  effects.deletes = std::move(outcome.deletes);
  effects.shortChunks = std::move(outcome.shortChunks);
  effects.otherReplication = outcome.otherReplication;
  return commits.accept(draft, [this, effects = std::move(effects)]() { follow(effects); });
}

void State::follow(const Outcome& outcome) {
  for (const auto& one : outcome.deletes) {
    datanodes.orderDelete(one.node, one.chunk, one.generation);
  }
  // Datanodes tell of copies that the writer does not know of.
  constexpr std::int64_t TELL_MS = 5'000;
  for (const ChunkId chunk : outcome.shortChunks) {
    repairs.reviewLater(chunk, RepairNeed::SHORT, monotonicMs(), TELL_MS);
  }
  if (outcome.otherReplication.has_value()) repairs.reviewFile(*outcome.otherReplication);
}

void State::holds(InodeId file, const ClientId& client) {
  leases.grant(file, client, awakeMs());
  if (client == LeaseBook::NAMENODE) {
    recoveries.begin(file, awakeMs());
  } else {
    recoveries.end(file);
  }
}

void State::orderRecovery(NodeId primary, RecoveryOrder order) {
  Datanode* const known = datanodes.find(primary);
  // Gone meanwhile: the attempt runs out of time.
  if (known == nullptr) return;
  const ChunkId chunk = order.chunk;
  known->recoveries.insert_or_assign(chunk, std::move(order));
}

Result<void> State::releaseSilent(InodeId file) {
  const auto applied =
      applyDuty([&](Draft& draft) { return releaseLease(draft, host.clock.nowMs(), file); });
  if (!applied.answer.has_value()) return fail(applied.answer.error());
  LOG(INFO) << "inode " << file.value << ", whose writer has been silent, is wanted by another: "
            << (applied.answer->flag() ? "closed" : "recovery begins");
  return {};
}

SafeModeFacts State::safeModeFacts() const {
  SafeModeFacts facts;
  facts.chunks = commits.last().counts().chunks();
  const MetaView& view = store->latest();
  for (const auto& [node, datanode] : datanodes.all()) {
    if (!view.scan(Table::REPLICA, digestPrefix(node))->valid()) continue;
    ++facts.nodesKnown;
    if (datanode.registered && datanode.inventoryKnown) ++facts.nodesBack;
  }
  facts.counted = census.valid && census.nodesVersion == nodesVersion;
  facts.chunksSafe = census.counts.withReplica;
  return facts;
}

CountReplicas::Reachable State::reachable() const {
  return [this, nowMs = awakeMs()](NodeId node) {
    const Datanode* const known = datanodes.find(node);
    return known != nullptr && known->session != 0 && known->inventoryKnown &&
           datanodes.health(*known, nowMs) == Health::LIVE;
  };
}

bool State::isGone(NodeId node) const {
  const Datanode* const known = datanodes.find(node);
  return known == nullptr || known->replaced || datanodes.health(*known, awakeMs()) == Health::DEAD;
}

CountReplicas::Suspect State::suspect() const {
  return [this](NodeId node, ChunkId chunk) { return suspects.contains(node, chunk); };
}

void State::takeCounts(const ReplicaCounts& counts, std::uint64_t version) {
  census = {.counts = counts, .nodesVersion = version, .valid = true};
  reviewSafeMode();
}

void State::datanodesChanged() {
  ++nodesVersion;
  reviewSafeMode();
}

void State::reviewSafeMode() {
  if (!safeMode.starting()) return;
  if (safeMode.update(safeModeFacts())) {
    LOG(INFO) << "enough datanodes are back: safe mode is "
              << (safeMode.on() ? "on still. " + safeMode.text() : "off");
  }
}

void State::noteNewer(const NewerSigns& signs, std::string_view toldBy) {
  if (!mergeSigns(newer_, signs, toldBy)) return;
  const bool first = !safeMode.older();
  safeMode.setOlder(describeNewer(newer_));
  if (first) LOG(ERROR) << "safe mode is on. " << safeMode.text();
  const auto noted = applyDuty([&](Draft& draft) -> Result<Outcome> {
    TRY(draft.upsert(Table::SYS, SYS_NEWER, newer_));
    return Outcome();
  });
  // In this life it counts anyway.
  if (!noted.answer.has_value()) {
    LOG(ERROR) << "cannot note what datanodes know: " << noted.answer.error().message();
  }
}

Result<void> State::leaveSafeMode(bool force) {
  if (force && safeMode.older()) {
    TRY(store->raiseEpochAbove(Epoch(newer_.epoch())));
    ids.leap(ChunkId(newer_.chunk()), GenerationStamp(newer_.generation()));
    // Those that were refused may come now. As after a start, nobody is given up before.
    const std::int64_t nowMs = awakeMs();
    for (auto& [node, datanode] : datanodes.all()) datanode.heardMs = nowMs;
    record::NewerHistory givenUp;
    givenUp.set_given_up_before(store->epoch().value);
    const auto noted = applyDuty([&](Draft& draft) -> Result<Outcome> {
      TRY(draft.upsert(Table::SYS, SYS_NEWER, givenUp));
      return Outcome();
    });
    TRY(noted.answer);
    LOG(WARNING) << "what datanodes know and this directory does not is given up; epoch "
                 << store->epoch().value;
    newer_ = std::move(givenUp);
    safeMode.setOlder({});
  }
  return safeMode.leave();
}

}  // namespace cairn::nn
