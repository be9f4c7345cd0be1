#include "common/log/log.h"
#include "namenode/duty/duty.h"
#include "namenode/ops/open_file.h"
#include "namenode/ops/release_lease.h"

namespace cairn::nn {
namespace {

constexpr std::uint32_t LOOK_MS = 2000;  // HDFS dfs.namenode.lease-recheck-interval-ms
constexpr std::size_t FILES_A_LOOK = 100;

}  // namespace

kj::Promise<void> expireLeases(State& state) {
  while (true) {
    co_await pause(state, LOOK_MS);
    if (state.safeMode.on()) continue;
    for (const InodeId file : state.leases.hardExpired(state.awakeMs(), FILES_A_LOOK)) {
      std::string name;
      const auto applied = state.applyDuty([&](Draft& draft) {
        name = describeInode(draft, file);
        return releaseLease(draft, state.host.clock.nowMs(), file);
      });
      if (!applied.answer.has_value()) {
        LOG_EVERY_N(ERROR, 100) << "cannot take " << name << " (inode " << file.value
                                << ") from its writer, who is silent: "
                                << applied.answer.error().message();
        // One damaged row must not hold up the others; an overloaded disk would.
        if (applied.answer.error().code() == Code::CORRUPT) continue;
        break;
      }
      const bool recovering = state.leases.holderOf(file) == LeaseBook::NAMENODE;
      LOG(INFO) << (recovering ? "recovery begins of " : "closed ") << name << " (inode "
                << file.value << "): its writer has been silent for too long";
      // Of a file that was removed without its lease.
      if (!recovering) state.leases.release(file);
    }
  }
}

}  // namespace cairn::nn
