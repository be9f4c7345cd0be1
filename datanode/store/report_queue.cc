#include "datanode/store/report_queue.h"

#include <utility>

namespace cairn::dn {

ReplicaNews newsOf(const Replica& replica) {
  const auto unfinished = replica.damaged ? ReplicaNews::Kind::DAMAGED : ReplicaNews::Kind::RBW;
  return {.kind = replica.state == ReplicaState::FINAL ? ReplicaNews::Kind::FINAL : unfinished,
          .length = replica.length,
          .storedLength = replica.storedLength,
          .volume = replica.volume};
}

ReportQueue::Batch ReportQueue::take(std::size_t limit) {
  Batch batch;
  while (batch.size() < limit && !news_.empty()) batch.insert(news_.extract(news_.begin()));
  return batch;
}

void ReportQueue::putBack(Batch batch) { news_.merge(batch); }

}  // namespace cairn::dn
