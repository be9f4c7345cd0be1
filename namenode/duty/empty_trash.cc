#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/trash_checkpoint.h"
#include "common/log/log.h"
#include "namenode/duty/duty.h"
#include "namenode/meta/records.h"
#include "namenode/ops/list.h"
#include "namenode/ops/remove.h"
#include "namenode/ops/rename.h"
#include "namenode/ops/stat.h"

namespace cairn::nn {
namespace {

// A page of a listing: what happens of one slice of the loop.
constexpr std::uint32_t ENTRIES_A_SLICE = 100;
// The wall clock is looked at so often while nothing is due: it may be set.
constexpr std::int64_t LOOK_MS = 60'000;

// Empties the trashes once. As the namenode's own user, call by call as a client would.
class Emptying {
public:
  Emptying(State& state, AuditSink* audit, UnixMillis nowMs)
      : state_(state), audit_(audit), nowMs_(nowMs) {
    caller_.user = state.settings.superuser;
    caller_.superuser = true;
  }

  kj::Promise<void> run() {
    const auto users = Path::parse("/user").value();
    std::string after;
    for (bool more = true; more;) {
      auto page = pageOf(users, after);
      if (!page.has_value()) {
        if (page.error().code() != Code::NOT_FOUND) complain(users.text(), page.error());
        co_return;
      }
      for (const auto& user : page->entries) {
        after = user.name;
        auto trash = Path::parse("/user/" + user.name + "/" + std::string(TRASH_NAME));
        if (!trash.has_value() || !isDirectoryAt(*trash)) continue;
        co_await empty(*trash);
      }
      more = page->more;
      co_await kj::evalLater([]() {});
    }
  }

private:
  Result<Listing> pageOf(const Path& path, const std::string& after) const {
    TRY(state_.allowReads());
    return state_.store->readSnapshot(
        [&](const MetaView& view) { return list(view, caller_, path, after, ENTRIES_A_SLICE); });
  }
  bool isDirectoryAt(const Path& path) const {
    const auto entry =
        state_.store->readEntry([&](const MetaView& view) { return stat(view, caller_, path); });
    return entry.has_value() && isDirectory(*entry);
  }

  // Old checkpoints go, Current becomes a checkpoint. What fails is told and left to the next time.
  kj::Promise<void> empty(const Path& trash) {
    std::string after;
    bool current = false;
    std::size_t removed = 0;
    for (bool more = true; more;) {
      auto page = pageOf(trash, after);
      if (!page.has_value()) {
        complain(trash.text(), page.error());
        co_return;
      }
      for (const auto& entry : page->entries) {
        after = entry.name;
        current = current || entry.name == TRASH_CURRENT;
        if (!isOldTrashCheckpoint(entry.name, nowMs_, state_.config.trashIntervalMs)) continue;
        const auto name = trash.text() + "/" + entry.name;
        const auto gone = remove(name);
        if (gone.has_value()) {
          ++removed;
          done_.push_back({.command = "delete", .source = name, .target = {}});
        } else {
          complain(name, gone.error());
        }
      }
      more = page->more;
      // One slice in flight: calls go first.
      auto durable = co_await state_.commits.durable(rests_);
      if (!durable.has_value()) co_return;
      auditDone();
    }
    if (current) {
      const auto made = makeCheckpoint(trash);
      if (!made.has_value()) {
        complain(trash.text(), made.error());
        current = false;
      }
      auto durable = co_await state_.commits.durable(rests_);
      if (!durable.has_value()) co_return;
      auditDone();
    }
    if (removed == 0 && !current) co_return;
    LOG(INFO) << trash.text() << " was emptied: " << removed << " old checkpoints removed, "
              << (current ? "one" : "none") << " made";
  }

  Result<void> remove(const std::string& name) {
    ASSIGN(const auto path, Path::parse(name));
    return change([&](Draft& draft, Context& context) {
      return nn::remove(draft, context, {.path = path, .recursive = true, .checkedBelow = {}});
    });
  }

  Result<void> makeCheckpoint(const Path& trash) {
    ASSIGN(const auto from, Path::parse(trash.text() + "/" + std::string(TRASH_CURRENT)));
    for (int taken = 0;; ++taken) {
      ASSIGN(const auto to, Path::parse(trash.text() + "/" + trashCheckpointName(nowMs_, taken)));
      auto moved = change([&](Draft& draft, Context& context) {
        return nn::rename(draft, context, {.from = from, .to = to});
      });
      // Its user has emptied it meanwhile.
      if (!moved.has_value() && moved.error().code() == Code::NOT_FOUND) return {};
      if (moved.has_value()) {
        done_.push_back({.command = "rename", .source = from.text(), .target = to.text()});
      }
      const bool clash = !moved.has_value() && moved.error().code() == Code::ALREADY_EXISTS;
      if (!clash || taken + 1 == TRASH_CHECKPOINTS_A_SECOND) return moved;
    }
  }

  template <typename Operate>
  Result<void> change(Operate&& operate) {
    // Not numbered: nobody sends it again.
    const ChangeCall call{.key = {.principal = caller_.user, .client = {}},
                          .method = "emptyTrash",
                          .caller = &caller_};
    auto applied = state_.change(call, operate);
    rests_ = std::max(rests_, applied.rests);
    if (!applied.answer.has_value()) return std::unexpected(std::move(applied.answer).error());
    return {};
  }

  // As HDFS's Emptier, which is a client of the namenode, has its lines; this one has no address.
  void auditDone() {
    for (const auto& done : done_) {
      if (audit_ == nullptr) break;
      audit_->add({.user = caller_.user,
                   .host = {},
                   .command = done.command,
                   .source = done.source,
                   .target = done.target});
    }
    done_.clear();
  }

  static void complain(const std::string& what, const Status& why) {
    LOG(WARNING) << "cannot empty the trash: " << what << ": " << why.message();
  }

  struct Done {
    std::string_view command;
    std::string source;
    std::string target;
  };

  State& state_;
  AuditSink* const audit_;
  const UnixMillis nowMs_;
  Caller caller_;
  TxId rests_;
  std::vector<Done> done_;  // not durable yet, or not audited
};

}  // namespace

kj::Promise<void> emptyTrash(State& state, AuditSink* audit) {
  const std::int64_t everyMs = state.config.trashCheckpointIntervalMs;
  if (everyMs == 0) co_return;  // there is no trash
  while (true) {
    // At whole multiples of the interval, as HDFS, so that restarts do not put it off.
    UnixMillis nowMs = state.host.clock.nowMs();
    const UnixMillis dueMs = (nowMs / everyMs + 1) * everyMs;
    for (; nowMs < dueMs; nowMs = state.host.clock.nowMs()) {
      co_await pause(state, static_cast<std::uint32_t>(std::min(dueMs - nowMs, LOOK_MS)));
    }
    if (state.safeMode.on()) continue;
    Emptying emptying(state, audit, nowMs);
    co_await emptying.run();
  }
}

}  // namespace cairn::nn
