#include "client/core/wire_types.h"

#include "common/rpc/convert.h"

namespace cairn::client {

using rpc::toString;
using rpc::toText;

namespace {

std::string hex(wire::Uuid::Reader id) { return rpc::fromWire(id).toString(); }

VolumeReport fromWire(wire::VolumeReport::Reader from) {
  return {.path = toString(from.getPath()),
          .capacity = from.getCapacity(),
          .used = from.getUsed(),
          .free = from.getFree(),
          .replicas = from.getReplicas(),
          .failed = from.getFailed(),
          .error = toString(from.getError())};
}

DatanodeReport fromWire(wire::DatanodeReport::Reader from) {
  DatanodeReport report{.address = client::fromWire(from.getAddress()),
                        .uuid = hex(from.getUuid()),
                        .live = from.getLive(),
                        .lastHeartbeatMs = from.getLastHeartbeat(),
                        .volumes = {},
                        .activeTransfers = from.getActiveTransfers(),
                        .replicas = from.getReplicas(),
                        .quarantined = from.getQuarantined(),
                        .plainBytes = from.getPlainBytes()};
  for (auto volume : from.getVolumes()) report.volumes.push_back(fromWire(volume));
  return report;
}

}  // namespace

Codec fromWire(wire::Codec codec) { return codec == wire::Codec::NONE ? Codec::NONE : Codec::ZSTD; }

wire::Codec toWire(Codec codec) {
  return codec == Codec::NONE ? wire::Codec::NONE : wire::Codec::ZSTD;
}

Entry fromWire(wire::Entry::Reader from) {
  return {
      .id = from.getId(),
      .name = toString(from.getName()),
      .kind = from.getKind() == wire::EntryKind::DIRECTORY ? EntryKind::DIRECTORY : EntryKind::FILE,
      .mode = from.getMode(),
      .owner = toString(from.getOwner()),
      .group = toString(from.getGroup()),
      .mtimeMs = from.getMtime(),
      .atimeMs = from.getAtime(),
      .length = from.getLength(),
      .storedLength = from.getStoredLength(),
      .replication = from.getReplication(),
      .chunkSize = from.getChunkSize(),
      .chunkCount = from.getChunkCount(),
      .underConstruction = from.getUnderConstruction(),
      .childCount = from.getChildCount(),
      .codec = fromWire(from.getCodec()),
      .zstdLevel = from.getZstdLevel(),
      .codecSet = from.getCodecSet(),
      .storagePolicy = from.getStoragePolicy(),
      .hasXAttrs = from.getHasXAttrs()};
}

DatanodeAddress fromWire(wire::NodeAddress::Reader from) {
  return {.node = from.getNode(),
          .address = toString(from.getAddress()),
          .rack = toString(from.getRack()),
          .socket = toString(from.getSocket()),
          .machine = toString(from.getMachine())};
}

LocatedChunk fromWire(wire::LocatedChunk::Reader from) {
  LocatedChunk chunk{.at = {.chunk = from.getChunk().getId(),
                            .generation = from.getChunk().getGeneration(),
                            .offset = from.getOffset(),
                            .length = from.getLength(),
                            .storedLength = from.getStoredLength(),
                            .complete = from.getComplete(),
                            .damaged = from.getDamaged(),
                            .suspects = from.getSuspects(),
                            .suspectNodes = {},
                            .replicas = {}},
                     .token = std::string(asText(rpc::toView(from.getToken()))),
                     .changing = from.getChanging()};
  for (auto node : from.getSuspectNodes()) chunk.at.suspectNodes.push_back(node);
  for (auto replica : from.getReplicas()) chunk.at.replicas.push_back(fromWire(replica));
  return chunk;
}

ServerInfo fromWire(wire::ServerInfo::Reader from) {
  return {.version = toString(from.getVersion()),
          .cluster = hex(from.getCluster()),
          .clusterName = toString(from.getClusterName()),
          .epoch = from.getEpoch(),
          .chunkSize = from.getChunkSize(),
          .chunkSizeMin = from.getChunkSizeMin(),
          .frameSize = from.getFrameSize(),
          .replication = from.getReplication(),
          .codec = fromWire(from.getCodec()),
          .zstdLevel = from.getZstdLevel(),
          .safeMode = from.getSafeMode(),
          .nowMs = from.getNow(),
          .superuser = toString(from.getSuperuser()),
          .supergroup = toString(from.getSupergroup()),
          .trashIntervalMs = from.getTrashInterval()};
}

ClusterReport fromWire(wire::ClusterReport::Reader from) {
  ClusterReport report{.info = fromWire(from.getInfo()),
                       .datanodes = {},
                       .files = from.getFiles(),
                       .directories = from.getDirectories(),
                       .chunks = from.getChunks(),
                       .underReplicated = from.getUnderReplicated(),
                       .missing = from.getMissing(),
                       .corruptReplicas = from.getCorruptReplicas(),
                       .pendingReclaims = from.getPendingReclaims(),
                       .safeModeText = toString(from.getSafeModeText())};
  for (auto node : from.getDatanodes()) report.datanodes.push_back(fromWire(node));
  return report;
}

ListPage pageFromWire(wire::Namenode::ListResults::Reader from) {
  ListPage page{.entries = {}, .more = from.getMore(), .isFile = from.getIsFile()};
  page.entries.reserve(from.getEntries().size());
  for (auto entry : from.getEntries()) page.entries.push_back(fromWire(entry));
  return page;
}

void toWire(const DatanodeAddress& from, wire::NodeAddress::Builder to) {
  to.setNode(from.node);
  to.setAddress(toText(from.address));
  to.setSocket(toText(from.socket));
  to.setMachine(toText(from.machine));
  to.setRack(toText(from.rack));
}

void toWire(const SealedChunk& from, wire::ChunkCommit::Builder to) {
  to.getChunk().setId(from.chunk);
  to.getChunk().setGeneration(from.generation);
  to.setLength(from.length);
  auto sealed = to.initSealed(static_cast<unsigned>(from.sealed.size()));
  for (unsigned i = 0; i < sealed.size(); ++i) {
    sealed[i].setNode(from.sealed[i].node);
    sealed[i].setStoredLength(from.sealed[i].storedLength);
  }
}

void toWire(const CreateOptions& from, wire::CreateOptions::Builder to) {
  to.setMode(from.mode);
  to.setOverwrite(from.overwrite);
  to.setCreateParents(from.createParents);
  to.setReplication(from.replication);
  to.setChunkSize(from.chunkSize);
  to.setUseDefaultCodec(from.defaultCodec);
  to.setCodec(toWire(from.codec));
  to.setZstdLevel(from.zstdLevel);
}

void setChunkRef(const ChunkLocation& from, wire::ChunkRef::Builder to) {
  to.setId(from.chunk);
  to.setGeneration(from.generation);
}

std::string describe(const DatanodeAddress& node) {
  return "datanode " + std::to_string(node.node) + " (" + node.address + ")";
}

}  // namespace cairn::client
