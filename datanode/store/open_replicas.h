// Final replicas kept open, the longest unused closed first: a read then costs one pread.
// Layer: datanode/store.  Threads: one.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <utility>

#include "common/base/units.h"
#include "datanode/store/replica_file.h"

namespace cairn::dn {

class OpenReplicas {
public:
  // Descriptors kept at most.
  static constexpr std::size_t OPEN_MAX = 512;
  // Their indexes in memory, at most: 16 KiB each for chunks of 128 MiB, but 64 MiB for one that
  // was flushed at every few bytes. The last one is kept whatever its size.
  static constexpr std::size_t INDEX_BYTES_MAX = 64_MiB;

  bool contains(const ReplicaKey& key) const { return byKey_.contains(key); }
  // Null when it is not open.
  std::shared_ptr<const ReplicaFile> find(const ReplicaKey& key) {
    auto at = byKey_.find(key);
    if (at == byKey_.end()) return nullptr;
    recent_.splice(recent_.begin(), recent_, at->second);
    return at->second->second;
  }
  void keep(const ReplicaKey& key, std::shared_ptr<const ReplicaFile> file) {
    forget(key);
    recent_.emplace_front(key, std::move(file));
    byKey_[key] = recent_.begin();
    indexBytes_ += recent_.front().second->indexBytes();
    while (recent_.size() > OPEN_MAX || (recent_.size() > 1 && indexBytes_ > INDEX_BYTES_MAX)) {
      forget(ReplicaKey(recent_.back().first));
    }
  }
  // Those who hold it read on.
  void forget(const ReplicaKey& key) {
    auto at = byKey_.find(key);
    if (at == byKey_.end()) return;
    indexBytes_ -= at->second->second->indexBytes();
    recent_.erase(at->second);
    byKey_.erase(at);
  }
  std::size_t size() const { return recent_.size(); }

private:
  using Entry = std::pair<ReplicaKey, std::shared_ptr<const ReplicaFile>>;
  std::list<Entry> recent_;
  std::size_t indexBytes_ = 0;
  std::map<ReplicaKey, std::list<Entry>::iterator> byKey_;
};

}  // namespace cairn::dn
