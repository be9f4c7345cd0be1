// Records of the tables as the wire's structs.
// Layer: service (pure).
#pragma once

#include <string_view>

#include "common/schema/namenode.capnp.h"
#include "common/schema/namenode.pb.h"
#include "namenode/datanodes/datanode_table.h"
#include "namenode/ops/commit_chunk.h"
#include "namenode/ops/context.h"

namespace cairn::nn {

void toWire(const record::Dirent& entry, std::string_view name, wire::Entry::Builder to);
void toWire(const Datanode& datanode, wire::NodeAddress::Builder to);
wire::Codec toWire(record::Codec codec);
record::Codec fromWire(wire::Codec codec);
ChunkCommit fromWire(wire::ChunkCommit::Reader commit);

}  // namespace cairn::nn
