// How workers read files that are being written, their own and others', and hold the cluster to
// what it has shown.

#include <algorithm>
#include <vector>

#include "common/async/coroutine.h"
#include "tests/sim/worker.h"

namespace cairn::sim {
namespace {

using Kind = Expected::Kind;

constexpr unsigned ROUNDS_MAX = 4;  // of a follower: as many looks at what has come meanwhile
constexpr std::int64_t ROUND_PAUSE_MAX_MICROS = 100'000;

}  // namespace

bool OpenedFile::isOpen() const { return owner->model.open().contains(operation); }

bool OpenedFile::isBeingWritten() const {
  return owner->write != nullptr && owner->write->operation == operation;
}

const Expected& OpenedFile::expected() const {
  return owner->model.open().at(operation).outcomes.back().at(path);
}

void OpenedFile::noteShown(Verdict& verdict, const Look& look, std::uint64_t lossesBefore) const {
  if (!isOpen()) return;
  const auto& known = expected();
  if (look.shown > known.content.length) {
    verdict.violation(path + " shows " + std::to_string(look.shown) + " bytes; its writer has " +
                      std::to_string(known.content.length));
    return;
  }
  Held held = known.held;
  held.onDisk = std::max(held.onDisk, look.recorded);
  if (owner->shared.losses() == lossesBefore) {
    if (held.shownLosses != lossesBefore) held.shown = 0;
    held.shown = std::max(held.shown, look.shown);
    held.shownLosses = lossesBefore;
  }
  owner->model.hold(operation, path, held);
}

// One that is being written now, if there is any, or else one that a dead writer left.
std::optional<OpenedFile> Worker::pickOpen() {
  std::vector<OpenedFile> written;
  std::vector<OpenedFile> left;
  for (WorkerState* owner : state_.shared.workers) {
    for (const auto& [number, operation] : owner->model.open()) {
      if (!operation.granted) continue;
      const OpenedFile file{owner, number, operation.outcomes.back().begin()->first};
      (file.isBeingWritten() ? written : left).push_back(file);
    }
  }
  const auto& from = written.empty() ? left : written;
  if (from.empty()) return std::nullopt;
  return from[state_.random.below(from.size())];
}

bool Worker::checkShown(const OpenedFile& file, std::uint64_t length, std::uint64_t promised,
                        std::uint64_t losses) {
  if (!file.isOpen() || losses != state_.shared.losses()) return true;
  if (length >= promised) return true;
  verdict_.violation("follow " + file.path + ": " + std::to_string(length) + " bytes; " +
                     std::to_string(promised) + " were shown before");
  return false;
}

kj::Promise<void> Worker::follow() {
  const auto picked = pickOpen();
  if (!picked) co_return;
  const OpenedFile file = *picked;
  const std::string what = "follow " + file.path;
  const std::string bytes = file.expected().content.bytes();
  auto losses = state_.shared.losses();
  auto promised = file.expected().held.bytes(losses);
  auto reader = co_await files_.open(file.path);
  if (!reader.has_value()) {
    if (file.isOpen()) expectTrouble(what, reader.error());
    co_return;
  }
  if (!checkShown(file, (*reader)->length(), promised, losses)) co_return;
  std::string seen;
  for (unsigned round = 1;; ++round) {
    for (bool more = true; more;) {
      const auto next = co_await (*reader)->next();
      // Whoever has it now may cut it or write it anew.
      if (!file.isOpen()) co_return;
      if (!next.has_value()) {
        // Its writer is dead, and what not all datanodes had is cut off in this moment.
        const bool cut = next.error().code() == Code::NOT_FOUND && !file.isBeingWritten();
        if (!cut) expectTrouble(what, next.error());
        co_return;
      }
      seen += asText(next->bytes);
      more = !next->bytes.empty();
    }
    world_.trace.note("follow", file.path, {seen.size()});
    if (!bytes.starts_with(seen)) {
      verdict_.violation(what + ": " + std::to_string(seen.size()) + " bytes, not those written");
      co_return;
    }
    losses = state_.shared.losses();
    const auto look = co_await onlooker_.look(file.path);
    if (look.has_value()) file.noteShown(verdict_, *look, losses);
    if (round == ROUNDS_MAX || !file.isOpen()) co_return;
    world_.reach.count(Reached::FOLLOWED);
    co_await world_.time.timer().afterDelay(state_.random.between(0, ROUND_PAUSE_MAX_MICROS) *
                                            kj::MICROSECONDS);
    if (!file.isOpen()) co_return;
    const bool written = file.isBeingWritten();
    losses = state_.shared.losses();
    promised = file.expected().held.bytes(losses);
    const auto length = co_await (*reader)->refresh();
    if (!file.isOpen()) co_return;
    if (!length.has_value()) co_return expectTrouble(what, length.error());
    if (!checkShown(file, *length, promised, losses)) co_return;
    if (*length >= seen.size()) continue;
    if (written && file.isBeingWritten()) {
      verdict_.violation(what + ": " + std::to_string(*length) + " bytes; this reader has read " +
                         std::to_string(seen.size()) + ", and its writer lives");
    }
    co_return;
  }
}

}  // namespace cairn::sim
