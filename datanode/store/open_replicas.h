// Final replicas kept open, the longest unused closed first: a read then costs one pread.
// Layer: datanode/store.  Threads: one.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <utility>

#include "datanode/store/replica_file.h"

namespace cairn::dn {

class OpenReplicas {
public:
  // Descriptors and indexes (16 KiB for a chunk of 128 MiB) kept at most.
  static constexpr std::size_t OPEN_MAX = 512;

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
    if (recent_.size() <= OPEN_MAX) return;
    byKey_.erase(recent_.back().first);
    recent_.pop_back();
  }
  // Those who hold it read on.
  void forget(const ReplicaKey& key) {
    auto at = byKey_.find(key);
    if (at == byKey_.end()) return;
    recent_.erase(at->second);
    byKey_.erase(at);
  }
  void clear() {
    byKey_.clear();
    recent_.clear();
  }

private:
  using Entry = std::pair<ReplicaKey, std::shared_ptr<const ReplicaFile>>;
  std::list<Entry> recent_;
  std::map<ReplicaKey, std::list<Entry>::iterator> byKey_;
};

}  // namespace cairn::dn
