#include "datanode/store/queue_watch.h"

namespace cairn::dn {

QueueWatch::QueueWatch(const io::Clock& clock, metrics::Registry& registry,
                       const metrics::Labels& labels)
    : clock_(&clock),
      length_(&registry.gauge("cairn_datanode_queue_length", "Who waits in a queue.", labels)),
      wait_(&registry.histogram("cairn_datanode_queue_wait_seconds",
                                "From entering a queue to the beginning of the work.",
                                metrics::LATENCY_MICROS, labels)),
      work_(&registry.histogram("cairn_datanode_queue_work_seconds",
                                "The work on what came out of a queue.", metrics::LATENCY_MICROS,
                                labels)),
      rejected_(&registry.counter("cairn_datanode_queue_rejected_total",
                                  "Turned away because a queue was full.", labels)) {}

}  // namespace cairn::dn
