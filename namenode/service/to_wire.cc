#include "namenode/service/to_wire.h"

#include "common/base/limits.h"
#include "common/rpc/convert.h"

namespace cairn::nn {

using rpc::toText;

wire::Codec toWire(record::Codec codec) {
  return codec == record::CODEC_NONE ? wire::Codec::NONE : wire::Codec::ZSTD;
}

record::Codec fromWire(wire::Codec codec) {
  return codec == wire::Codec::NONE ? record::CODEC_NONE : record::CODEC_ZSTD;
}

void toWire(const record::Dirent& entry, std::string_view name, wire::Entry::Builder to) {
  to.setId(entry.id());
  if (!name.empty()) to.setName(toText(name));
  to.setMode(static_cast<std::uint16_t>(entry.mode()));
  to.setOwner(toText(entry.owner()));
  to.setGroup(toText(entry.group()));
  to.setMtime(entry.mtime_ms());
  to.setStoragePolicy(static_cast<std::uint8_t>(entry.storage_policy()));
  to.setHasXAttrs(entry.has_xattrs());
  to.setCodec(toWire(entry.codec()));
  to.setZstdLevel(static_cast<std::int8_t>(entry.zstd_level()));
  if (entry.kind() == record::DIRECTORY) {
    to.setKind(wire::EntryKind::DIRECTORY);
    to.setChildCount(entry.child_count());
    to.setCodecSet(entry.codec_set());
    return;
  }
  to.setKind(wire::EntryKind::FILE);
  to.setAtime(entry.atime_ms());
  to.setLength(entry.length());
  to.setStoredLength(entry.stored_length());
  to.setReplication(static_cast<std::uint16_t>(entry.replication()));
  to.setChunkSize(entry.chunk_size());
  to.setChunkCount(entry.chunk_count());
  to.setUnderConstruction(entry.under_construction());
}

void toWire(const Datanode& datanode, wire::NodeAddress::Builder to) {
  to.setNode(datanode.node.value);
  to.setAddress(toText(datanode.address));
  to.setSocket(toText(datanode.socket));
  to.setMachine(toText(datanode.machine));
  to.setRack(toText(datanode.rack));
}

ChunkCommit fromWire(wire::ChunkCommit::Reader commit) {
  ChunkCommit result{.chunk = ChunkId(commit.getChunk().getId()),
                     .generation = GenerationStamp(commit.getChunk().getGeneration()),
                     .length = commit.getLength(),
                     .sealed = {}};
  for (const auto sealed : commit.getSealed()) {
    // One too many is enough for it to be refused.
    if (result.sealed.size() > limits::REPLICATION_MAX) break;
    result.sealed.push_back({NodeId(sealed.getNode()), sealed.getStoredLength()});
  }
  return result;
}

}  // namespace cairn::nn
