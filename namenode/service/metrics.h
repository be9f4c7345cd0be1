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
  APPEND,
  TRUNCATE,
  RECOVER_LEASE,
  UPDATE_CHUNK,
  ADDITIONAL_NODES,
  UPDATE_PIPELINE,
  SYNC_FILE,
  SET_REPLICATION,
  SET_PERMISSION,
  SET_OWNER,
  SET_TIMES,
  SET_XATTR,
  REMOVE_XATTR,
  GET_XATTRS,
  CONTENT_SUMMARY,
  SET_STORAGE_POLICY,
  SET_COMPRESSION,
  STAT_FS,
  CONCAT,
  CHUNK_OWNER,
};
inline constexpr auto METHOD_NAMES = std::to_array<std::string_view>({"stat",
                                                                      "list",
                                                                      "mkdirs",
                                                                      "create",
                                                                      "addChunk",
                                                                      "abandonChunk",
                                                                      "complete",
                                                                      "getLocations",
                                                                      "remove",
                                                                      "rename",
                                                                      "renewLease",
                                                                      "reportBadReplica",
                                                                      "report",
                                                                      "safeMode",
                                                                      "append",
                                                                      "truncate",
                                                                      "recoverLease",
                                                                      "updateChunk",
                                                                      "additionalNodes",
                                                                      "updatePipeline",
                                                                      "syncFile",
                                                                      "setReplication",
                                                                      "setPermission",
                                                                      "setOwner",
                                                                      "setTimes",
                                                                      "setXAttr",
                                                                      "removeXAttr",
                                                                      "getXAttrs",
                                                                      "contentSummary",
                                                                      "setStoragePolicy",
                                                                      "setCompression",
                                                                      "statFs",
                                                                      "concat",
                                                                      "chunkOwner"});
constexpr std::string_view nameOf(Method method) {
  return METHOD_NAMES[static_cast<std::size_t>(method)];
}

// HDFS's name of the operation in its audit log; "" for those that have no line there: they name no
// path, and belong to an operation that has one. Safe mode has one for each action.
constexpr std::string_view auditNameOf(Method method) {
  switch (method) {
    case Method::STAT: return "getfileinfo";
    case Method::LIST: return "listStatus";
    case Method::MKDIRS: return "mkdirs";
    case Method::CREATE: return "create";
    case Method::GET_LOCATIONS: return "open";
    case Method::REMOVE: return "delete";
    case Method::RENAME: return "rename";
    case Method::APPEND: return "append";
    case Method::TRUNCATE: return "truncate";
    case Method::RECOVER_LEASE: return "recoverLease";
    case Method::SET_REPLICATION: return "setReplication";
    case Method::SET_PERMISSION: return "setPermission";
    case Method::SET_OWNER: return "setOwner";
    case Method::SET_TIMES: return "setTimes";
    case Method::SET_XATTR: return "setXAttr";
    case Method::REMOVE_XATTR: return "removeXAttr";
    case Method::GET_XATTRS: return "getXAttrs";
    case Method::CONTENT_SUMMARY: return "contentSummary";
    case Method::SET_STORAGE_POLICY: return "setStoragePolicy";
    case Method::SET_COMPRESSION: return "setCompression";  // Cairn's own
    case Method::CONCAT: return "concat";
    default: return {};
  }
}

// How HDFS begins to tell what safe mode refuses; the path is right behind. "" for those that name
// none.
constexpr std::string_view refusalOf(Method method) {
  switch (method) {
    case Method::MKDIRS: return "Cannot create directory ";
    case Method::CREATE: return "Cannot create file";
    case Method::REMOVE: return "Cannot delete ";
    case Method::RENAME: return "Cannot rename ";
    case Method::APPEND: return "Cannot append to file";
    case Method::TRUNCATE: return "Cannot truncate for ";
    case Method::RECOVER_LEASE: return "Cannot recover the lease of ";
    case Method::SET_REPLICATION: return "Cannot set replication for ";
    case Method::SET_PERMISSION: return "Cannot set permission for ";
    case Method::SET_OWNER: return "Cannot set owner for ";
    case Method::SET_TIMES: return "Cannot set times ";
    case Method::SET_XATTR: return "Cannot set XAttr on ";
    case Method::REMOVE_XATTR: return "Cannot remove XAttr entry on ";
    case Method::SET_STORAGE_POLICY: return "Cannot set storage policy for ";
    case Method::SET_COMPRESSION: return "Cannot set compression of ";  // Cairn's own
    case Method::CONCAT: return "Cannot concat ";
    default: return {};
  }
}

class CallMetrics {
public:
  explicit CallMetrics(metrics::Registry& registry)
      : diskWaits_(registry.counter("cairn_namenode_disk_waits_total",
                                    "Times that calls waited for rows that were not in memory")) {
    for (std::size_t i = 0; i < METHOD_NAMES.size(); ++i) {
      const metrics::Labels labels{{"method", std::string(METHOD_NAMES[i])}};
      calls_[i] = &registry.counter("cairn_namenode_calls_total", "Calls answered", labels);
      faults_[i] =
          &registry.counter("cairn_namenode_faults_total", "Calls answered with a fault", labels);
    }
  }
  // A call waited for rows from the disk, once more.
  void waitedForDisk() { diskWaits_.add(); }
  void answered(Method method, bool fault) {
    calls_[static_cast<std::size_t>(method)]->add();
    if (fault) faults_[static_cast<std::size_t>(method)]->add();
  }

private:
  metrics::Counter& diskWaits_;
  std::array<metrics::Counter*, METHOD_NAMES.size()> calls_{};
  std::array<metrics::Counter*, METHOD_NAMES.size()> faults_{};
};

}  // namespace cairn::nn
