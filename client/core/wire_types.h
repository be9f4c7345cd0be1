// From the namenode's messages to the library's values.
// Layer: client/core (pure).  Numbers of enums that this program does not know read as the default.
#pragma once

#include <string>
#include <vector>

#include "cairn/options.h"
#include "cairn/types.h"
#include "common/base/ids.h"
#include "common/schema/base.capnp.h"
#include "common/schema/namenode.capnp.h"

namespace cairn::client {

// What a client keeps of a chunk: where it lies, and what opens the datanodes' doors.
struct LocatedChunk {
  ChunkLocation at;
  std::string token;  // opaque
  // It is being written, cut or recovered: a replica of a newer generation will do.
  bool changing = false;
};

// One page of a file's chunks.
struct LocatedFile {
  Entry entry;
  std::vector<LocatedChunk> chunks;
  bool more = false;
};

// What a writer gets for its next chunk.
struct NewChunk {
  LocatedChunk chunk;  // replicas: the pipeline in order
  std::int8_t zstdLevel = 1;
  std::uint32_t frameSize = 0;  // plain bytes
};

// A finished file opened for writing again. last.chunk.at.chunk 0: go on with a new chunk.
struct AppendedFile {
  Entry entry;
  NewChunk last;  // the last chunk, which has room
};

// What a chunk is to be written in from now on.
struct NewGeneration {
  std::uint64_t generation = 0;
  std::string token;
};

// What a writer reports of a chunk it has finished; chunk 0: none.
struct SealedChunk {
  struct Replica {
    std::uint32_t node = 0;
    std::uint64_t storedLength = 0;
  };
  std::uint64_t chunk = 0;
  std::uint64_t generation = 0;
  std::uint64_t length = 0;  // plain bytes
  std::vector<Replica> sealed;
};

Codec fromWire(wire::Codec codec);
wire::Codec toWire(Codec codec);
Entry fromWire(wire::Entry::Reader from);
DatanodeAddress fromWire(wire::NodeAddress::Reader from);
LocatedChunk fromWire(wire::LocatedChunk::Reader from);
ServerInfo fromWire(wire::ServerInfo::Reader from);
ClusterReport fromWire(wire::ClusterReport::Reader from);
ListPage pageFromWire(wire::Namenode::ListResults::Reader from);

void toWire(const DatanodeAddress& from, wire::NodeAddress::Builder to);
void toWire(const SealedChunk& from, wire::ChunkCommit::Builder to);
void toWire(const CreateOptions& from, wire::CreateOptions::Builder to);
void setChunkRef(const ChunkLocation& from, wire::ChunkRef::Builder to);

// "datanode 3 (127.0.0.1:9867)", for messages.
std::string describe(const DatanodeAddress& node);

}  // namespace cairn::client
