#include "namenode/service/datanode_input.h"

#include "common/config/host_port.h"
#include "common/rpc/convert.h"
#include "namenode/place/rack_table.h"

namespace cairn::nn {
namespace {

std::string cut(capnp::Text::Reader text) {
  return std::string(rpc::toView(text).substr(0, VOLUME_TEXT_BYTES_MAX));
}

}  // namespace

std::vector<VolumeState> volumesOf(capnp::List<wire::VolumeReport>::Reader reports) {
  std::vector<VolumeState> volumes;
  for (const auto report : reports) {
    volumes.push_back({.path = cut(report.getPath()),
                       .capacityBytes = report.getCapacity(),
                       .usedBytes = report.getUsed(),
                       .freeBytes = report.getFree(),
                       .failed = report.getFailed(),
                       .error = cut(report.getError()),
                       .replicas = report.getReplicas()});
  }
  return volumes;
}

Result<void> checkCount(unsigned count, std::size_t max, std::string_view what) {
  if (count <= max) return {};
  return fail(Code::LIMIT_EXCEEDED, "the datanode names " + std::to_string(count) + " " +
                                        std::string(what) + " in one call; the limit is " +
                                        std::to_string(max));
}

Result<std::vector<ReportedReplica>> reportsOf(capnp::List<wire::ReplicaReport>::Reader reports) {
  TRY(checkCount(reports.size(), REPLICAS_PER_CALL_MAX, "replicas"));
  std::vector<ReportedReplica> replicas;
  replicas.reserve(reports.size());
  for (const auto report : reports) {
    // A state that a newer datanode may know is no finished copy to us.
    auto state = ReportedReplica::State::BEING_WRITTEN;
    if (report.getState() == wire::ReplicaState::FINAL) {
      state = ReportedReplica::State::FINAL;
    } else if (report.getState() == wire::ReplicaState::QUARANTINED) {
      state = ReportedReplica::State::QUARANTINED;
    } else if (report.getState() == wire::ReplicaState::DAMAGED) {
      state = ReportedReplica::State::DAMAGED;
    }
    replicas.push_back({.chunk = ChunkId(report.getChunk().getId()),
                        .generation = GenerationStamp(report.getChunk().getGeneration()),
                        .length = report.getLength(),
                        .storedLength = report.getStoredLength(),
                        .state = state,
                        .volume = report.getVolume()});
  }
  return replicas;
}

std::string rackOf(const config::NamenodeConfig& config, std::string_view address,
                   std::string_view scripted, std::string_view own) {
  const std::string_view written = rackInTable(config.rackTable, address);
  if (!written.empty()) return std::string(written);
  if (!scripted.empty()) return std::string(scripted);
  return std::string(own.empty() ? DEFAULT_RACK : own);
}

Result<void> checkInfo(wire::DatanodeInfo::Reader info) {
  const auto address = info.getAddress();
  if (rpc::fromWire(info.getUuid()).isNil() || address.getAddress().size() == 0) {
    return fail(Code::INVALID_ARGUMENT, "a datanode registers with a uuid and an address");
  }
  for (const auto text :
       {address.getAddress(), address.getSocket(), address.getMachine(), address.getRack()}) {
    if (text.size() > ADDRESS_BYTES_MAX) {
      return fail(Code::LIMIT_EXCEEDED,
                  "a datanode's address, socket, machine and rack have at most " +
                      std::to_string(ADDRESS_BYTES_MAX) + " bytes each");
    }
  }
  // Epochs and groups count up by one: what nobody gets to must not become a sign to go by.
  constexpr std::uint64_t HEARD_MAX = 1ULL << 62;
  if (info.getHeardEpoch() > HEARD_MAX || info.getHeardGroup() > HEARD_MAX) {
    return fail(Code::INVALID_ARGUMENT, "a datanode says that it has followed epoch " +
                                            std::to_string(info.getHeardEpoch()) + ", group " +
                                            std::to_string(info.getHeardGroup()) +
                                            ", which there cannot be");
  }
  // Clients are sent there. Two that register with a wildcard would be one and the same.
  ASSIGN(const auto place, config::HostPort::parse(rpc::toView(address.getAddress())));
  if (place.isWildcard()) {
    return fail(Code::INVALID_ARGUMENT,
                "nobody can connect to " + place.toString() +
                    "; set datanode.advertise_address of this datanode to a name or address by "
                    "which other machines reach it");
  }
  return checkCount(info.getVolumes().size(), VOLUMES_MAX, "volumes");
}

}  // namespace cairn::nn
