// What the namenode has not been told yet about replicas that came, changed or went.
// Layer: datanode/store (pure).  Threads: one.  Only the newest news of each replica is kept, so
// the queue is never longer than there are replicas.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "datanode/store/replica_table.h"

namespace cairn::dn {

struct ReplicaNews {
  enum class Kind : std::uint8_t { FINAL, RBW, DAMAGED, QUARANTINED, REMOVED };

  Kind kind = Kind::REMOVED;
  std::uint64_t length = 0;
  std::uint64_t storedLength = 0;
  std::uint8_t volume = 0;

  bool operator==(const ReplicaNews&) const = default;
};

// The news that a replica is there as the table has it.
ReplicaNews newsOf(const Replica& replica);

class ReportQueue {
public:
  using Batch = std::map<ReplicaKey, ReplicaNews>;

  void add(const ReplicaKey& key, const ReplicaNews& news) { news_.insert_or_assign(key, news); }
  // Takes out the news of at most `limit` replicas, to be told. Those that did not arrive are put
  // back.
  Batch take(std::size_t limit);
  // Newer news of the same replica wins.
  void putBack(Batch batch);

  std::size_t size() const { return news_.size(); }
  bool empty() const { return news_.empty(); }

private:
  Batch news_;
};

}  // namespace cairn::dn
