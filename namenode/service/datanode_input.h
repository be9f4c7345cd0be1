// What datanodes say, checked and as values: a peer's mistakes and lies end here.
// Layer: service (pure).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/config/namenode_config.h"
#include "common/schema/cluster.capnp.h"
#include "namenode/datanodes/datanode_table.h"
#include "namenode/ops/report_replica.h"

namespace cairn::nn {

// What one datanode may say; above it LIMIT_EXCEEDED.
inline constexpr unsigned REPLICAS_PER_CALL_MAX = 1 << 17;  // a range holds 2^16 ids (inventory.h)
inline constexpr std::size_t RANGES_DUE_MAX = 1 << 20;      // unequal ones, not reported yet
inline constexpr unsigned VOLUMES_MAX = 256;
inline constexpr unsigned COPIES_FAILED_MAX = 10'000;
inline constexpr std::size_t ADDRESS_BYTES_MAX = 1024;  // each of address, socket, machine, rack
inline constexpr std::size_t VOLUME_TEXT_BYTES_MAX = 4096;  // longer paths and errors are cut
// Datanodes that may ever register: HDFS clusters have some thousands at most.
inline constexpr std::size_t DATANODES_MAX = 20'000;

// LIMIT_EXCEEDED "the datanode names 300 volumes in one call; the limit is 256".
Result<void> checkCount(unsigned count, std::size_t max, std::string_view what);
// Whether a datanode may register as this. INVALID_ARGUMENT, LIMIT_EXCEEDED.
Result<void> checkInfo(wire::DatanodeInfo::Reader info);

// REQUIRES: at most VOLUMES_MAX.
std::vector<VolumeState> volumesOf(capnp::List<wire::VolumeReport>::Reader reports);
// LIMIT_EXCEEDED above REPLICAS_PER_CALL_MAX.
Result<std::vector<ReportedReplica>> reportsOf(capnp::List<wire::ReplicaReport>::Reader reports);
// The operator's word on where a host stands, in the table or else by the script ("": it was not
// asked, or does not know), else the datanode's own.
std::string rackOf(const config::NamenodeConfig& config, std::string_view address,
                   std::string_view scripted, std::string_view own);

}  // namespace cairn::nn
