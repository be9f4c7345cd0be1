#include "datanode/duty/namenode_link.h"

#include <kj/debug.h>

#include <algorithm>
#include <utility>

#include "common/base/fault.h"
#include "common/log/log.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/convert.h"
#include "common/rpc/retry.h"
#include "datanode/duty/wire_reports.h"

namespace cairn::dn {
namespace {

using wire::DatanodeMaster;

// Trying again cannot help: the operator has to act. (IN_USE can: a namenode may take a while to
// believe that our earlier life has ended.)
bool isFatal(const Status& why) {
  return why.code() == Code::WRONG_CLUSTER || why.code() == Code::UNSUPPORTED_VERSION;
}

// The session is over because the namenode wants to begin again.
Status registerAgain() { return {Code::STALE, "the namenode asks to register again"}; }

}  // namespace

OrderMetrics::OrderMetrics(metrics::Registry& registry)
    : removals(registry.gauge("cairn_datanode_removals_open",
                              "Replicas that the namenode has ordered to be removed.")),
      verifications(registry.gauge("cairn_datanode_verifications_open",
                                   "Replicas to be read whole that somebody found damaged.")),
      checks(registry.gauge("cairn_datanode_checks_open",
                            "Replicas to be read whole and left in their places.")),
      copiesWaiting(registry.gauge("cairn_datanode_copies_waiting",
                                   "Copies of others' replicas that have not begun.")),
      copiesRunning(
          registry.gauge("cairn_datanode_copies_running", "Copies of others' replicas under way.")),
      recoveries(registry.gauge("cairn_datanode_recoveries_running",
                                "Recoveries of chunks that this datanode leads.")) {}

NamenodeLink::NamenodeLink(rpc::Host& host, ReplicaStore& store, BufferBudget& budget,
                           std::string namenode, NodeDescription self,
                           kj::Function<void(const Registration&)> onRegistered,
                           kj::Function<std::uint32_t()> transfers)
    : host_(host),
      store_(store),
      budget_(budget),
      namenode_(std::move(namenode)),
      self_(std::move(self)),
      onRegistered_(kj::mv(onRegistered)),
      transfers_(kj::mv(transfers)),
      orders_(host.metrics),
      commands_(store) {}

kj::Promise<Status> NamenodeLink::run() {
  const rpc::RetryPolicy policy{.firstMs = RETRY_MS_FIRST, .ceilingMs = RETRY_MS_MAX};
  rpc::Backoff backoff(policy);
  while (true) {
    registeredOnce_ = false;
    const auto why = co_await session();
    if (isFatal(why)) co_return why;
    if (store_.volumesInService() == 0) {
      co_return Status(Code::IO_ERROR, "no volume of this datanode is in service any more");
    }
    LOG(WARNING) << "namenode " << namenode_ << ": " << why.message() << "; trying again";
    if (registeredOnce_) backoff = rpc::Backoff(policy);
    // Whatever the reason, the next try comes after a pause that grows.
    const auto pauseMs = backoff.nextMs({Code::UNAVAILABLE, ""}, host_.random);
    co_await host_.timer.afterDelay(pauseMs.value_or(RETRY_MS_MAX) * kj::MILLISECONDS);
  }
}

kj::Promise<Status> NamenodeLink::session() {
  // Its own connection, so that it says what we know by now: cluster and epoch.
  rpc::ClientPool pool(host_, {.role = rpc::Role::DATANODE,
                               .cluster = store_.identity().cluster,
                               .epoch = store_.followed().epoch,
                               .process = self_.boot});
  auto connected = co_await pool.get<DatanodeMaster>(namenode_);
  if (!connected.has_value()) co_return kj::mv(connected).error();
  auto master = kj::mv(*connected);
  auto registered = co_await registerAt(master);
  if (!registered.has_value()) co_return kj::mv(registered).error();
  registeredOnce_ = true;
  master_ = master;
  KJ_DEFER(master_ = nullptr);
  auto compared = co_await compareInventory(master);
  if (!compared.has_value()) co_return kj::mv(compared).error();
  auto ended = co_await heartbeats(master);
  co_return ended.has_value() ? registerAgain() : kj::mv(ended).error();
}

kj::Promise<void> NamenodeLink::refreshSpace() {
  co_await store_.refreshSpace().exclusiveJoin(host_.timer.afterDelay(SPACE_MS * kj::MILLISECONDS));
  while (!store_.anyDiskAnswers()) {
    co_await host_.timer.afterDelay(SPACE_MS * kj::MILLISECONDS);
  }
}

kj::Promise<Result<void>> NamenodeLink::registerAt(Master& master) {
  co_await refreshSpace();
  auto request = master.registerRequest();
  auto info = request.initInfo();
  const auto& identity = store_.identity();
  rpc::toWire(identity.datanode, info.initUuid());
  rpc::toWire(self_.boot, info.initBoot());
  info.setNode(identity.node.value);
  auto address = info.initAddress();
  address.setNode(identity.node.value);
  address.setAddress(rpc::toText(self_.address));
  address.setSocket(rpc::toText(self_.socket));
  address.setMachine(rpc::toText(self_.machine));
  address.setRack(rpc::toText(self_.rack));
  const auto volumes = store_.volumes();
  auto list = info.initVolumes(static_cast<unsigned>(volumes.size()));
  for (unsigned i = 0; i < list.size(); ++i) toWire(volumes[i], list[i]);
  info.setVersion(rpc::toText(self_.version));
  const Followed followed = std::max(heard_, store_.followed());
  info.setHeardEpoch(followed.epoch.value);
  info.setHeardGroup(followed.group.value);

  CO_ASSIGN(
      auto reply,
      co_await rpc::withDeadline(
          host_.timer, ANSWER_MS,
          rpc::caught(kj::Promise<capnp::Response<DatanodeMaster::RegisterResults>>(request.send()),
                      "registering"),
          "registering"));
  CO_TRY(rpc::fromWire(reply.getFault()));
  const Registration registration{.cluster = rpc::fromWire(reply.getCluster()),
                                  .node = NodeId(reply.getNode()),
                                  .epoch = Epoch(reply.getEpoch())};
  if (!registration.node || registration.cluster.isNil()) {
    co_return fail(Code::INTERNAL, "the namenode gave no number or no cluster");
  }
  if (registration.epoch < followed.epoch) {
    co_return fail(Code::STALE, "the namenode is of epoch " +
                                    std::to_string(registration.epoch.value) + ", this datanode " +
                                    "has followed one of epoch " +
                                    std::to_string(followed.epoch.value) +
                                    ": its directory is older than it should be");
  }
  heartbeatMs_ = std::clamp(reply.getHeartbeatMs(), HEARTBEAT_MS_MIN, HEARTBEAT_MS_MAX);
  CO_TRY(co_await store_.adopt(registration.cluster, registration.node));
  // A namenode that names no group knows that it is an older one: what is known of the newer one is
  // not forgotten for it.
  if (const TxId group(reply.getGroup()); group) {
    heard_ = {registration.epoch, group};
    noteHeard();
  }
  current_ = registration;
  commands_.clear();
  LOG(INFO) << "registered at namenode " << namenode_ << " as datanode " << registration.node.value
            << ", epoch " << registration.epoch.value;
  // Digests tell of final replicas only; a namenode that began anew knows no others.
  for (const auto& [key, replica] : store_.table().unfinished()) {
    if (replica.state == ReplicaState::FOUND) continue;  // told when it has been looked into
    store_.news().add(key, newsOf(replica));
  }
  if (recoveries_.get() == nullptr) {
    const rpc::ClientHello hello{.role = rpc::Role::PEER,
                                 .cluster = registration.cluster,
                                 .epoch = registration.epoch,
                                 .process = self_.boot};
    recoveries_ = kj::heap<ChunkRecoveries>(
        host_, hello, [this](RecoveryOutcome outcome) { return commit(std::move(outcome)); });
    copies_ = kj::heap<ReplicaCopies>(host_, store_, budget_, hello);
  }
  copies_->clear();
  onRegistered_(registration);
  co_return Result<void>();
}

kj::Promise<Result<void>> NamenodeLink::compareInventory(Master& master) {
  std::uint64_t next = 0;
  while (true) {
    const auto digests = store_.table().digests(next, RANGES_PER_CALL);
    if (!digests.empty()) next = digests.back().first + 1;
    const bool last = digests.empty() || store_.table().digests(next, 1).empty();
    auto request = master.compareInventoryRequest();
    request.setNode(current_.node.value);
    request.setEpoch(current_.epoch.value);
    request.setLast(last);
    auto ranges = request.initRanges(static_cast<unsigned>(digests.size()));
    for (unsigned i = 0; i < ranges.size(); ++i) {
      toWire(digests[i].first, digests[i].second, ranges[i]);
    }
    const char* what = "comparing the inventory";
    kj::Promise<capnp::Response<DatanodeMaster::CompareInventoryResults>> sent = request.send();
    CO_ASSIGN(auto reply, co_await rpc::withDeadline(host_.timer, ANSWER_MS,
                                                     rpc::caught(kj::mv(sent), what), what));
    CO_TRY(rpc::fromWire(reply.getFault()));
    for (auto range : reply.getUnequal()) CO_TRY(co_await reportRange(master, range));
    if (last) co_return Result<void>();
  }
}

kj::Promise<Result<void>> NamenodeLink::reportRange(Master& master, std::uint64_t range) {
  auto replicas = store_.table().inRange(range);
  std::erase_if(replicas,
                [](const auto& entry) { return entry.second.state == ReplicaState::FOUND; });
  auto request = master.reportRangeRequest();
  request.setNode(current_.node.value);
  request.setEpoch(current_.epoch.value);
  request.setRange(range);
  auto list = request.initReplicas(static_cast<unsigned>(replicas.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    toWire(replicas[i].first, newsOf(replicas[i].second), list[i]);
  }
  const char* what = "reporting replicas";
  kj::Promise<capnp::Response<DatanodeMaster::ReportRangeResults>> sent = request.send();
  CO_ASSIGN(auto reply, co_await rpc::withDeadline(host_.timer, ANSWER_MS,
                                                   rpc::caught(kj::mv(sent), what), what));
  co_return rpc::fromWire(reply.getFault());
}

kj::Promise<Result<void>> NamenodeLink::heartbeats(Master& master) {
  while (true) {
    CO_TRY(co_await heartbeat(master));
    if (store_.volumesInService() == 0 && store_.news().empty()) {
      co_return fail(Code::IO_ERROR, "no volume is in service");
    }
    if (!store_.news().empty()) continue;  // more than went into one
    co_await host_.timer.afterDelay(heartbeatMs_ * kj::MILLISECONDS)
        .exclusiveJoin(store_.wakeup().wait());
  }
}

kj::Promise<Result<void>> NamenodeLink::heartbeat(Master& master) {
  co_await refreshSpace();
  if (!store_.news().empty()) CO_TRY(faultError("dn.finalize.before_report"));
  auto news = store_.news().take(NEWS_PER_HEARTBEAT);
  auto failures = copies_->takeFailures();
  updateGauges();
  auto request = master.heartbeatRequest();
  fill(request, news, failures);
  const char* what = "sending a heartbeat";
  kj::Promise<capnp::Response<DatanodeMaster::HeartbeatResults>> sent = request.send();
  auto reply =
      co_await rpc::withDeadline(host_.timer, ANSWER_MS, rpc::caught(kj::mv(sent), what), what);
  auto accepted = reply.has_value() ? rpc::fromWire(reply->getFault()) : fail(reply.error());
  if (!accepted.has_value()) {
    store_.news().putBack(kj::mv(news));
    copies_->putBack(kj::mv(failures));
    co_return kj::mv(accepted);
  }
  if (heard_.epoch == current_.epoch) {
    heard_.group = std::max(heard_.group, TxId(reply->getGroup()));
    if (host_.clock.monotonicMs() - notedMs_ >= NOTE_MS) noteHeard();
  }
  auto obeyed = co_await obey(master, reply->getCommands());
  // Who does not know us has not taken our news either; who did takes them again.
  if (!obeyed.has_value()) store_.news().putBack(kj::mv(news));
  co_return kj::mv(obeyed);
}

void NamenodeLink::noteHeard() {
  notedMs_ = host_.clock.monotonicMs();
  store_.noteFollowed(heard_);
}

kj::Promise<void> NamenodeLink::commit(RecoveryOutcome outcome) {
  KJ_IF_MAYBE (master, master_) {
    auto request = master->commitRecoveryRequest();
    request.setNode(current_.node.value);
    request.setEpoch(current_.epoch.value);
    toWire(outcome.chunk, request.initChunk());
    request.setNewGeneration(outcome.newGeneration.value);
    request.setLength(outcome.length);
    auto sealed = request.initSealed(static_cast<unsigned>(outcome.sealed.size()));
    for (unsigned i = 0; i < sealed.size(); ++i) {
      sealed[i].setNode(outcome.sealed[i].node.value);
      sealed[i].setStoredLength(outcome.sealed[i].storedLength);
    }
    const auto what = "telling that " + outcome.chunk.toString() + " is recovered";
    kj::Promise<capnp::Response<DatanodeMaster::CommitRecoveryResults>> sent = request.send();
    auto reply =
        co_await rpc::withDeadline(host_.timer, ANSWER_MS, rpc::caught(kj::mv(sent), what), what);
    auto accepted = reply.has_value() ? rpc::fromWire(reply->getFault()) : fail(reply.error());
    if (!accepted.has_value()) LOG(WARNING) << what << ": " << accepted.error().message();
  } else {
    LOG(WARNING) << outcome.chunk.toString() << " was recovered, but the namenode is away";
  }
}

void NamenodeLink::updateGauges() {
  orders_.removals.set(static_cast<std::int64_t>(commands_.removals()));
  orders_.verifications.set(static_cast<std::int64_t>(commands_.verifications()));
  orders_.checks.set(static_cast<std::int64_t>(commands_.checks()));
  orders_.copiesWaiting.set(static_cast<std::int64_t>(copies_->waiting()));
  orders_.copiesRunning.set(static_cast<std::int64_t>(copies_->running()));
  orders_.recoveries.set(static_cast<std::int64_t>(recoveries_->running()));
}

void NamenodeLink::fill(DatanodeMaster::HeartbeatParams::Builder to, const ReportQueue::Batch& news,
                        const std::vector<CopyFailure>& failures) {
  to.setNode(current_.node.value);
  to.setEpoch(current_.epoch.value);
  to.setActiveTransfers(transfers_() + static_cast<std::uint32_t>(copies_->running()));
  to.setQuarantined(store_.quarantined());
  const auto volumes = store_.volumes();
  auto list = to.initVolumes(static_cast<unsigned>(volumes.size()));
  for (unsigned i = 0; i < list.size(); ++i) toWire(volumes[i], list[i]);
  const auto removals = static_cast<unsigned>(std::ranges::count_if(
      news, [](const auto& entry) { return entry.second.kind == ReplicaNews::Kind::REMOVED; }));
  auto changed = to.initChanged(static_cast<unsigned>(news.size()) - removals);
  auto removed = to.initRemoved(removals);
  unsigned changes = 0;
  unsigned gone = 0;
  for (const auto& [key, replica] : news) {
    if (replica.kind == ReplicaNews::Kind::REMOVED) {
      toWire(key, removed[gone++]);
    } else {
      toWire(key, replica, changed[changes++]);
    }
  }
  auto failed = to.initCopiesFailed(static_cast<unsigned>(failures.size()));
  for (unsigned i = 0; i < failed.size(); ++i) {
    toWire(failures[i].chunk, failed[i].initChunk());
    auto damaged = failed[i].initDamaged(static_cast<unsigned>(failures[i].damaged.size()));
    for (unsigned k = 0; k < damaged.size(); ++k) damaged.set(k, failures[i].damaged[k].value);
  }
}

kj::Promise<Result<void>> NamenodeLink::obey(Master& master,
                                             capnp::List<wire::Command>::Reader commands) {
  for (auto command : commands) {
    const Epoch epoch(command.getEpoch());
    // A namenode that has started since may say so; it destroys nothing.
    if (command.isRegister() && epoch >= current_.epoch) co_return fail(registerAgain());
    if (epoch != current_.epoch) {
      LOG(WARNING) << "ignored a command of epoch " << epoch.value << "; the namenode's is "
                   << current_.epoch.value;
      continue;
    }
    if (commands_.obey(command)) continue;
    if (command.isRecoverChunk()) {
      auto order = orderOf(command.getRecoverChunk());
      if (order.has_value()) {
        recoveries_->begin(*std::move(order));
      } else {
        LOG(ERROR) << "an order to recover a chunk: " << order.error().message();
      }
      continue;
    }
    if (command.isCopyReplicas()) {
      for (const auto from : command.getCopyReplicas()) {
        auto order = orderOf(from);
        if (order.has_value()) {
          commands_.forgetRemoval(order->chunk);
          copies_->add(*std::move(order));
        } else {
          LOG(ERROR) << "an order to copy a replica: " << order.error().message();
        }
      }
      continue;
    }
    if (command.isReportRanges()) {
      for (auto range : command.getReportRanges()) CO_TRY(co_await reportRange(master, range));
    }
  }
  co_return Result<void>();
}

}  // namespace cairn::dn
