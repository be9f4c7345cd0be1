#include "tests/sim/ambush.h"

#include "common/async/coroutine.h"

namespace cairn::sim {
namespace {

constexpr unsigned LOOKS_MAX = 40;
constexpr kj::Duration LOOK_PAUSE = 3 * kj::MILLISECONDS;
// One after the other, without a pause: a rebuild is a dozen calls. (A writer that waits for a node
// that says nothing takes longer.)
constexpr unsigned GLANCES_MAX = 300;

}  // namespace

Ambushes::Ambushes(SimWorld& world, Verdict& verdict, Cluster& cluster, Onlooker& onlooker,
                   io::Random random, Strikes strikes)
    : world_(world),
      verdict_(verdict),
      cluster_(cluster),
      onlooker_(onlooker),
      random_(std::move(random)),
      strikes_(std::move(strikes)),
      tasks_(*this) {}

void Ambushes::lay(WorkerState& writer) {
  if (underWay_ || writer.write->operation == 0) return;
  const auto operation = writer.write->operation;
  const auto& outcome = writer.model.open().at(operation).outcomes.back();
  OpenedFile file{&writer, operation, outcome.begin()->first};
  world_.trace.note("ambush", file.path);
  underWay_ = true;
  // Before the flush is on its way.
  silence(writer.client, true, nullptr);
  tasks_.add(run(std::move(file)));
}

kj::Promise<void> Ambushes::run(OpenedFile file) {
  const unsigned client = file.owner->client;
  Look seen;
  Machine* first = nullptr;
  if (co_await awaitShown(file, seen)) first = machineAt(seen.pipeline.front());
  if (first != nullptr) {
    world_.reach.count(Reached::SHOWN_NOT_ACKNOWLEDGED);
    strikes_.crash(*first);
  }
  // What the dead node had said would be heard.
  silence(client, false, first);
  if (first != nullptr && co_await awaitRebuild(file, seen)) {
    if (random_.chance(0.3)) {
      world_.reach.count(Reached::NODE_DIES_AFTER_REBUILD);
      Machine* const next = machineAt(seen.pipeline[random_.below(seen.pipeline.size())]);
      if (next != nullptr) strikes_.crash(*next);
      if (random_.chance(0.3) || !co_await awaitRebuild(file, seen)) {
        underWay_ = false;
        co_return silence(client, false, nullptr);
      }
    }
    if (goesOn(file)) {
      world_.reach.count(Reached::WRITER_DIES_AFTER_REBUILD);
      strikes_.crashClient(client);
    }
  }
  silence(client, false, nullptr);
  underWay_ = false;
}

kj::Promise<bool> Ambushes::awaitShown(const OpenedFile& file, Look& seen) {
  for (unsigned i = 0; i < LOOKS_MAX; ++i) {
    co_await world_.time.timer().afterDelay(LOOK_PAUSE);
    const auto losses = file.owner->shared.losses();
    auto look = co_await onlooker_.look(file.path);
    if (!goesOn(file)) co_return false;
    if (!look.has_value() || look->pipeline.empty()) continue;
    file.noteShown(verdict_, *look, losses);
    seen = kj::mv(*look);
    if (seen.shown > file.owner->write->writer->acknowledged()) co_return true;
  }
  co_return false;
}

kj::Promise<bool> Ambushes::awaitRebuild(const OpenedFile& file, Look& seen) {
  for (unsigned i = 0; i < GLANCES_MAX; ++i) {
    auto look = co_await onlooker_.glance(file.path);
    if (!goesOn(file)) co_return false;
    const bool another =
        look.has_value() && !look->pipeline.empty() && look->generation != seen.generation;
    if (another) {
      seen = kj::mv(*look);
      co_return true;
    }
    if (!look.has_value()) co_await world_.time.timer().afterDelay(LOOK_PAUSE);
  }
  co_return false;
}

Machine* Ambushes::machineAt(const std::string& address) {
  for (unsigned i = 0; i < cluster_.datanodes(); ++i) {
    Machine& machine = cluster_.datanode(i);
    if (address.starts_with(machine.host().address() + ':')) return &machine;
  }
  return nullptr;
}

void Ambushes::silence(unsigned client, bool silent, const Machine* but) {
  for (unsigned i = 0; i < cluster_.datanodes(); ++i) {
    const Machine& machine = cluster_.datanode(i);
    if (&machine == but) continue;
    const auto from = cluster_.datanode(i).host().number();
    if (silent) {
      world_.network.block(from, Cluster::CLIENTS + client);
    } else {
      world_.network.unblock(from, Cluster::CLIENTS + client);
    }
  }
}

void Ambushes::taskFailed(kj::Exception&& exception) {
  verdict_.violation("an ambush failed: " + std::string(exception.getDescription().cStr()));
}

}  // namespace cairn::sim
