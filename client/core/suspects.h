// Which datanodes failed lately, so that a reader tries them last and a dead one costs each client
// one wait instead of one a chunk.
// Layer: client/core (pure).  Threads: one at a time.
#pragma once

#include <cstdint>
#include <map>

namespace cairn::client {

class Suspects {
public:
  // For how long a node is avoided after a failure: about the time in which the namenode notices
  // (HDFS marks a node stale after 30 s).
  static constexpr std::int64_t AVOID_MS = 30'000;

  void failed(std::uint32_t node, std::int64_t nowMs) { until_[node] = nowMs + AVOID_MS; }
  void worked(std::uint32_t node) { until_.erase(node); }
  bool contains(std::uint32_t node, std::int64_t nowMs) const {
    auto found = until_.find(node);
    return found != until_.end() && nowMs < found->second;
  }

private:
  std::map<std::uint32_t, std::int64_t> until_;
};

}  // namespace cairn::client
