// Reads all replicas again and again, so that damage is found while there are good copies: on each
// volume one at a time, behind all other work, at a bounded rate (scrub_pass.h). What is damaged is
// told to the namenode, as when a reader finds it, and stays in its place.
// Layer: datanode/duty.  Threads: one event loop; what blocks runs on the volumes' pools.
//
// How far it has come is noted on the volume (scrub_note.h), a minute's work may be done twice
// after a crash. A volume that goes out of service is left alone.
#pragma once

#include <kj/async.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "common/async/coroutine.h"
#include "common/metrics/metrics.h"
#include "common/rpc/host.h"
#include "datanode/scrub/scrub_pass.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

class Scrubbing final : private kj::TaskSet::ErrorHandler {
public:
  // Begins so late at most, and no later than after a tenth of the period: not all datanodes of a
  // cluster at a time.
  static constexpr std::int64_t BEGIN_MS_MAX = 60'000;
  // While others wait for the volume, a piece is put off by so much, so many times at most: then it
  // waits in the queue, where nobody starves. 1 MiB in 200 ms is the rate of a busy disk.
  static constexpr std::int64_t YIELD_MS = 50;
  static constexpr unsigned YIELDS_MAX = 4;
  // After a step that could not be done for want of room in a queue.
  static constexpr std::int64_t RETRY_MS = 1'000;

  // `host` and `store` outlive it; the store is open. Destroyed, it drops what it is at.
  // REQUIRES: a period.
  Scrubbing(rpc::Host& host, ReplicaStore& store, ScrubOptions options);
  KJ_DISALLOW_COPY(Scrubbing);

private:
  struct Metrics {
    Metrics(metrics::Registry& registry, std::size_t volume);

    metrics::Counter& replicas;
    metrics::Counter& bytes;
    metrics::Counter& damaged;
    metrics::Counter& passes;
    // As of the last step, or a minute ago.
    metrics::Gauge& leftBytes;
    metrics::Gauge& passSeconds;
  };
  struct Work {
    std::size_t volume;
    ScrubPass pass;
    Metrics metrics;
    bool noteFailed = false;  // the last one
  };

  // For ever, or until the volume is out of service.
  kj::Promise<void> run(std::size_t volume);
  kj::Promise<std::optional<ScrubNote>> readNote(std::size_t volume);
  kj::Promise<void> writeNote(Work& work);
  // One replica. False when it was not read and has to be tried again.
  kj::Promise<bool> scrub(Work& work, ReplicaKey key);
  // The same; `opened`: whether it came to reading. OVERLOADED and CANCELLED besides the errors of
  // ReplicaStore::checkNext().
  kj::Promise<Result<void>> check(Work& work, ReplicaKey key, bool& opened);
  kj::Promise<void> yieldToOthers(std::size_t volume);
  // After reading `bytes` from that moment on.
  kj::Promise<void> rest(const Work& work, std::uint64_t bytes, std::int64_t begunMicros);
  void tellOver(const Work& work) const;
  kj::Promise<void> pause(std::int64_t ms) { return host_.timer.afterDelay(ms * kj::MILLISECONDS); }
  void taskFailed(kj::Exception&& exception) override;

  rpc::Host& host_;
  ReplicaStore& store_;
  const ScrubOptions options_;
  kj::TaskSet tasks_;
};

}  // namespace cairn::dn
