// Counts the calls of the namenode's client interface.
// Layer: service.  Threads: any.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/metrics/metrics.h"

namespace cairn::nn {

enum class Method : std::uint8_t {
  STAT,
  LIST,
  MKDIRS,
  CREATE,
  ADD_CHUNK,
  ABANDON_CHUNK,
  COMPLETE,
  GET_LOCATIONS,
  REMOVE,
  RENAME,
  RENEW_LEASE,
  REPORT_BAD_REPLICA,
  REPORT,
  SAFE_MODE,
};
inline constexpr std::array<std::string_view, 14> METHOD_NAMES{
    "stat",     "list",         "mkdirs", "create", "addChunk",   "abandonChunk",
    "complete", "getLocations", "remove", "rename", "renewLease", "reportBadReplica",
    "report",   "safeMode"};
constexpr std::string_view nameOf(Method method) {
  return METHOD_NAMES[static_cast<std::size_t>(method)];
}

class CallMetrics {
public:
  explicit CallMetrics(metrics::Registry& registry) {
    for (std::size_t i = 0; i < METHOD_NAMES.size(); ++i) {
      const metrics::Labels labels{{"method", std::string(METHOD_NAMES[i])}};
      calls_[i] = &registry.counter("cairn_namenode_calls_total", "Calls answered", labels);
      faults_[i] =
          &registry.counter("cairn_namenode_faults_total", "Calls answered with a fault", labels);
    }
  }
  void answered(Method method, bool fault) {
    calls_[static_cast<std::size_t>(method)]->add();
    if (fault) faults_[static_cast<std::size_t>(method)]->add();
  }

private:
  std::array<metrics::Counter*, METHOD_NAMES.size()> calls_{};
  std::array<metrics::Counter*, METHOD_NAMES.size()> faults_{};
};

}  // namespace cairn::nn
