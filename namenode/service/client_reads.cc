// ClientService: where the chunks of a file are, and what the server says of itself.
#include <algorithm>

#include "namenode/ops/get_locations.h"
#include "namenode/ops/note_read.h"
#include "namenode/place/rack_table.h"
#include "namenode/service/client_service.h"
#include "namenode/service/to_wire.h"

namespace cairn::nn {

using rpc::toText;

void fillServerInfo(const State& state, wire::ServerInfo::Builder to) {
  const Settings& settings = state.settings;
  to.setVersion(CAIRN_VERSION);
  rpc::toWire(state.store->cluster(), to.initCluster());
  to.setEpoch(state.store->epoch().value);
  to.setChunkSize(settings.chunkSize);
  to.setChunkSizeMin(settings.chunkSizeMin);
  to.setFrameSize(settings.frameSize);
  to.setReplication(settings.replication);
  to.setCodec(toWire(settings.codec));
  to.setZstdLevel(static_cast<std::int8_t>(settings.zstdLevel));
  to.setSafeMode(state.safeMode.on());
  to.setNow(state.host.clock.nowMs());
  to.setSuperuser(toText(settings.superuser));
  to.setSupergroup(toText(settings.supergroup));
  to.setClusterName(toText(state.store->clusterName()));
  to.setTrashInterval(state.config.trashIntervalMs);
}

kj::Promise<void> ClientService::serverInfo(ServerInfoContext context) {
  fillServerInfo(*state_, context.getResults().initInfo());
  return kj::READY_NOW;
}

kj::Promise<void> ClientService::getLocations(GetLocationsContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ClientService::getLocations);
  const auto places =
      readPath(params, [&](const MetaView& view, const Caller& caller, const Path& path) {
        return nn::getLocations(view, caller, path, params.getOffset(), params.getLength());
      });
  const auto fill = [&](auto& results, const FilePlaces& found) {
    results.setTxid(state_->commits.durableGroup().value);
    results.setMore(found.more);
    toWire(found.entry, {}, results.initEntry());
    auto chunks = results.initChunks(static_cast<unsigned>(found.chunks.size()));
    const ReaderPlace reader = readerPlace();
    for (unsigned i = 0; i < chunks.size(); ++i) {
      const auto before = asItWasBefore(found.chunks[i]);
      fillLocated(before ? *before : found.chunks[i], reader, chunks[i]);
    }
  };
  const std::size_t count = places.has_value() ? places->chunks.size() : 0;
  auto answered = answerRead(context, Method::GET_LOCATIONS, places, fill,
                             ENTRY_REPLY_WORDS + count * LOCATED_WORDS);
  if (places.has_value() && !params.getKeepAccessTime()) noteRead(params, places->entry);
  return answered;
}

void ClientService::noteRead(wire::Namenode::GetLocationsParams::Reader params,
                             const record::Dirent& entry) {
  const UnixMillis nowMs = state_->host.clock.nowMs();
  const std::int64_t precisionMs = state_->config.accessTimePrecisionMs;
  if (!movesAccessTime(entry, nowMs, precisionMs) || !state_->allowChanges().has_value()) return;
  // Soft, as in HDFS: the reader does not wait for the journal, a crash may forget it. If it fails,
  // the file has been read all the same.
  (void)state_->applyDuty(
      [&](Draft& draft) -> Result<Outcome> {
        ASSIGN(const Caller* const caller, callerOf(params.getCall()));
        ASSIGN(const auto path, Path::parse(rpc::toView(params.getPath())));
        return nn::noteRead(draft, {.caller = *caller,
                                    .path = path,
                                    .file = InodeId(entry.id()),
                                    .nowMs = nowMs,
                                    .precisionMs = precisionMs});
      },
      true);
}

ReaderPlace ClientService::readerPlace() const {
  const auto rack = rackInTable(state_->config.rackTable, peerHost_);
  return {.host = peerHost_,
          .machine = {},
          .rack = rack.empty() ? state_->datanodes.rackOfHost(peerHost_) : rack};
}

std::optional<ChunkPlace> ClientService::asItWasBefore(const ChunkPlace& place) const {
  const auto isGone = [&](NodeId node) { return state_->isGone(node); };
  if (!std::ranges::all_of(place.nodes, isGone)) return std::nullopt;
  ChunkPlace before{.id = place.id, .chunk = place.chunk, .offset = place.offset};
  std::uint64_t newest = 0;
  for (const auto& [node, replica] : place.older) {
    if (isGone(node) || replica.generation() < newest) continue;
    if (replica.generation() > newest) before.nodes.clear();
    newest = replica.generation();
    before.nodes.push_back(node);
  }
  if (before.nodes.empty()) return std::nullopt;
  before.chunk.set_generation(newest);
  before.chunk.set_state(record::CHUNK_COMMITTED);
  return before;
}

void ClientService::fillLocated(const ChunkPlace& place, const ReaderPlace& reader,
                                wire::LocatedChunk::Builder to) {
  const bool complete = hasKnownEnd(place.chunk);
  const bool changing = place.chunk.state() != record::CHUNK_COMMITTED;
  std::vector<NodeId> nodes = place.nodes;
  if (changing) {
    // A recovery that has asked them, and was lost on the way, may have made theirs the chunk's.
    for (const auto older : place.chunk.older()) {
      const NodeId node(older);
      if (std::ranges::find(nodes, node) == nodes.end()) nodes.push_back(node);
    }
  }
  auto ref = to.initChunk();
  ref.setId(place.id.value);
  ref.setGeneration(place.chunk.generation());
  to.setOffset(place.offset);
  to.setLength(place.chunk.length());
  to.setStoredLength(place.chunk.stored_length());
  to.setComplete(complete);
  to.setChanging(changing);

  const std::int64_t nowMs = state_->awakeMs();
  std::vector<ReplicaPlace> replicas;
  std::vector<NodeId> suspects;
  // Copies on dead datanodes are no copies (as in HDFS), unless there are no others to be tried.
  const bool allGone =
      std::ranges::all_of(nodes, [&](NodeId node) { return state_->isGone(node); });
  for (const NodeId node : nodes) {
    const Datanode* known = state_->datanodes.find(node);
    if (known == nullptr) continue;
    if (complete && !allGone && state_->isGone(node)) continue;
    const bool suspect = state_->suspects.contains(node, place.id);
    if (suspect) suspects.push_back(node);
    replicas.push_back({.node = node,
                        .host = hostOf(known->address),
                        .machine = known->machine,
                        .rack = known->rack,
                        .live = known->session != 0 && !suspect &&
                                state_->datanodes.health(*known, nowMs) == Health::LIVE});
  }
  to.setDamaged(complete && !replicas.empty() && suspects.size() == replicas.size());
  to.setSuspects(static_cast<std::uint16_t>(suspects.size()));
  if (!suspects.empty()) {
    auto nodes = to.initSuspectNodes(static_cast<unsigned>(suspects.size()));
    for (unsigned i = 0; i < nodes.size(); ++i) nodes.set(i, suspects[i].value);
  }
  // The nodes of a chunk that is being written stand in the order of its pipeline.
  if (complete) orderForRead(replicas, reader, state_->dice());
  auto addresses = to.initReplicas(static_cast<unsigned>(replicas.size()));
  for (unsigned i = 0; i < addresses.size(); ++i) {
    toWire(*state_->datanodes.find(replicas[i].node), addresses[i]);
  }
}

}  // namespace cairn::nn
