#include "datanode/duty/emptying.h"

#include "common/log/log.h"

namespace cairn::dn {

Emptying::Emptying(rpc::Host& host, ReplicaStore& store)
    : host_(host), store_(store), tasks_(*this) {
  for (std::size_t i = 0; i < store.volumeCount(); ++i) tasks_.add(run(i));
}

kj::Promise<void> Emptying::run(std::size_t volume) {
  // A directory that is empty yet becomes a volume when the node has registered.
  while (store_.inService(volume)) {
    co_await host_.timer.afterDelay(PERIOD_MS * kj::MILLISECONDS);
    while (true) {
      const auto more = co_await store_.emptyRemoved(volume);
      if (!more.has_value()) {
        LOG_EVERY_N(WARNING, 100) << "removed replicas could not be cleared away: "
                                  << more.error().message();
      }
      if (!more.has_value() || !*more) break;
    }
  }
}

void Emptying::taskFailed(kj::Exception&& exception) {
  LOG(ERROR) << "the clearing of removed replicas stopped: " << exception.getDescription().cStr();
}

}  // namespace cairn::dn
