#include <algorithm>

#include "common/base/units.h"
#include "common/log/log.h"
#include "namenode/duty/duty.h"

namespace cairn::nn {
namespace {

// HDFS looks every 5 s; at 20,000 changes a second the log alone would have used its reserve by
// then.
constexpr std::uint32_t LOOK_MS = 1000;
// There is room again when this share of the limit is free besides: else it would go on and off
// with each file that RocksDB makes.
constexpr std::uint64_t ROOM_SHARE = 10;

}  // namespace

kj::Promise<void> watchSpace(State& state) {
  const std::uint64_t limit = state.config.reservedBytes;
  if (limit == 0) co_return;
  while (true) {
    const auto free =
        co_await state.host.workPool.run([store = state.store]() { return store->freeBytes(); });
    if (!free.has_value()) {
      LOG_EVERY_N(WARNING, 100) << "cannot tell how much space the namenode has: "
                                << free.error().message();
    } else if (free->has_value()) {
      const bool before = state.safeMode.lowOnSpace();
      const bool low = **free < limit + (before ? limit / ROOM_SHARE : 0);
      state.safeMode.setLowSpace(
          low ? "Only " + formatByteSize(**free) + " are free where the namenode writes, " +
                    state.store->directory() + ", less than namenode.reserved (" +
                    formatByteSize(limit) +
                    "): make room there. It will be turned off automatically when there is enough."
              : std::string());
      if (low && !before) LOG(ERROR) << "safe mode is on. " << state.safeMode.text();
      if (!low && before) {
        LOG(INFO) << "the namenode has room again: safe mode is "
                  << (state.safeMode.on() ? "on still. " + state.safeMode.text() : "off");
      }
    }
    co_await pause(state, LOOK_MS);
  }
}

}  // namespace cairn::nn
