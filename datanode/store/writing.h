// The right to write one replica, and what everybody may know of it meanwhile.
// Layer: datanode/store.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "common/format/frame_index.h"
#include "datanode/store/job_count.h"
#include "datanode/store/replica_appender.h"
#include "datanode/store/replica_name.h"

namespace cairn::dn {

class ReplicaStore;

// One replica being written. The store's; Writing is its writer's handle.
struct WriterState {
  ReplicaKey key;
  std::size_t volume = 0;
  std::uint64_t promisedBytes = 0;            // of the volume's free ones
  std::shared_ptr<ReplicaAppender> appender;  // null until the file is there
  // Jobs that have the appender: one at most, and its writer may have gone away.
  std::shared_ptr<JobCount> jobs = std::make_shared<JobCount>();
  format::FrameIndex index;        // of the frames appended so far: what readers go by
  std::uint64_t acknowledged = 0;  // plain bytes that the nodes behind have, too
  bool ended = false;              // no further job
  bool isSealing = false;          // the last job is under way
  bool isSealed = false;           // it has made the replica final
  bool isWindingUp = false;
  bool wasDamaged = false;                                   // what was resumed, as a final replica
  bool isOver = false;                                       // the table tells what it has become
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waiters;  // for its end
};

// Tells the store how far the nodes behind are, also while the replica is being sealed. Keeps
// nothing alive but a few numbers.
class WritingProgress {
private:
  friend class ReplicaStore;
  friend class Writing;
  explicit WritingProgress(std::shared_ptr<WriterState> state) : state_(std::move(state)) {}
  std::shared_ptr<WriterState> state_;
};

// Destroyed without ReplicaStore::seal(): the writing ends, and the replica stays unfinished.
// Others may end it too (a writer that takes over, a recovery); then every further job fails with
// CANCELLED. The store outlives it.
class Writing {
public:
  Writing(ReplicaStore& store, std::shared_ptr<WriterState> state)
      : store_(&store), state_(std::move(state)) {}
  Writing(Writing&& other) noexcept : store_(other.store_), state_(std::move(other.state_)) {}
  Writing& operator=(Writing&&) = delete;
  ~Writing() noexcept(false);

  const ReplicaKey& key() const { return state_->key; }
  // Plain bytes appended so far, as far as the event loop knows.
  std::uint64_t length() const { return state_->index.plainLength(); }
  WritingProgress progress() const { return WritingProgress(state_); }

private:
  friend class ReplicaStore;
  ReplicaStore* store_;
  std::shared_ptr<WriterState> state_;
};

}  // namespace cairn::dn
