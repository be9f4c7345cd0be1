// What is measured of a queue: how many wait, how long each waits, how long the work on it takes,
// and how many were turned away. All queues that are watched so are members of the same four
// families, told apart by their labels. Layer: datanode/store.  Threads: any.  Cost: a look at the
// clock and two relaxed adds a step.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/io/clock.h"
#include "common/metrics/metrics.h"

namespace cairn::dn {

// A value: copies count in the same metrics. Clock and registry outlive all of them.
class QueueWatch {
public:
  // `labels`: {"queue", its name} and what else tells it apart; few combinations.
  QueueWatch(const io::Clock& clock, metrics::Registry& registry, const metrics::Labels& labels);

  // One came in; the moment, for begun().
  std::int64_t entered() {
    length_->add();
    return clock_->monotonicMicros();
  }
  // Its turn has come; the moment, for done().
  std::int64_t begun(std::int64_t enteredMicros) {
    const auto now = clock_->monotonicMicros();
    left();
    wait_->observe(static_cast<std::uint64_t>(now - enteredMicros));
    return now;
  }
  void done(std::int64_t begunMicros) {
    work_->observe(static_cast<std::uint64_t>(clock_->monotonicMicros() - begunMicros));
  }
  // It went without its turn: whoever waited has lost interest.
  void left() { length_->sub(); }
  // One was not let in.
  void rejected() { rejected_->add(); }

private:
  const io::Clock* clock_;
  metrics::Gauge* length_;
  metrics::Histogram* wait_;
  metrics::Histogram* work_;
  metrics::Counter* rejected_;
};

}  // namespace cairn::dn
