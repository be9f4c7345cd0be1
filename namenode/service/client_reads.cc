// ClientService: calls that change nothing. They see what is durable and wait for nobody.
#include <unordered_map>

#include "common/base/limits.h"
#include "namenode/ops/get_locations.h"
#include "namenode/ops/list.h"
#include "namenode/ops/path.h"
#include "namenode/ops/stat.h"
#include "namenode/place/rack_table.h"
#include "namenode/service/client_service.h"
#include "namenode/service/to_wire.h"

namespace cairn::nn {

using rpc::toText;
using rpc::toView;

bool ClientService::isNew(wire::CallInfo::Reader call) {
  const auto known = state_->callers.find(toView(call.getUser()), state_->monotonicMs());
  return known.has_value() && *known == nullptr;
}

Result<Caller*> ClientService::callerOf(wire::CallInfo::Reader call) {
  ASSIGN(Caller* const caller, state_->callers.find(toView(call.getUser()), state_->monotonicMs()));
  if (caller == nullptr) {
    return fail(Code::OVERLOADED, "the groups of user " + rpc::toString(call.getUser()) +
                                      " have to be looked up again");
  }
  caller->client = rpc::fromWire(call.getClient());
  return caller;
}

kj::Promise<void> ClientService::ping(PingContext) { return kj::READY_NOW; }

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
}

kj::Promise<void> ClientService::serverInfo(ServerInfoContext context) {
  fillServerInfo(*state_, context.getResults().initInfo());
  return kj::READY_NOW;
}

kj::Promise<void> ClientService::stat(StatContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ClientService::stat);
  const auto read = [&]() -> Result<record::Dirent> {
    TRY(state_->allowReads());
    ASSIGN(const Caller* const caller, callerOf(params.getCall()));
    ASSIGN(const auto path, Path::parse(toView(params.getPath())));
    return state_->store->readEntry(
        [&](const MetaView& view) { return nn::stat(view, *caller, path); });
  };
  return answerRead(context, Method::STAT, read(), [&](auto& results, const auto& entry) {
    results.setTxid(state_->commits.durableGroup().value);
    toWire(entry, {}, results.initEntry());
  });
}

kj::Promise<void> ClientService::list(ListContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ClientService::list);
  const auto listing = readPath(
      params, [&](const MetaView& view, const Caller& caller, const Path& path) -> Result<Listing> {
        if (params.getStartAfter().size() > limits::NAME_BYTES_MAX) {
          return fail(Code::INVALID_ARGUMENT, "startAfter is longer than a name can be");
        }
        return nn::list(view, caller, path, toView(params.getStartAfter()), params.getLimit());
      });
  const auto fill = [&](auto& results, const Listing& page) {
    results.setTxid(state_->commits.durableGroup().value);
    results.setMore(page.more);
    results.setIsFile(page.isFile);
    auto entries = results.initEntries(static_cast<unsigned>(page.entries.size()));
    for (unsigned i = 0; i < entries.size(); ++i) {
      toWire(page.entries[i].entry, page.entries[i].name, entries[i]);
    }
  };
  const std::size_t count = listing.has_value() ? listing->entries.size() : 0;
  return answerRead(context, Method::LIST, listing, fill, ENTRY_REPLY_WORDS + count * LISTED_WORDS);
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
    for (unsigned i = 0; i < chunks.size(); ++i) fillLocated(found.chunks[i], reader, chunks[i]);
  };
  const std::size_t count = places.has_value() ? places->chunks.size() : 0;
  return answerRead(context, Method::GET_LOCATIONS, places, fill,
                    ENTRY_REPLY_WORDS + count * LOCATED_WORDS);
}

ReaderPlace ClientService::readerPlace() const {
  const auto rack = rackInTable(state_->config.rackTable, peerHost_);
  return {.host = peerHost_,
          .machine = {},
          .rack = rack.empty() ? state_->datanodes.rackOfHost(peerHost_) : rack};
}

void ClientService::fillLocated(const ChunkPlace& place, const ReaderPlace& reader,
                                wire::LocatedChunk::Builder to) {
  const bool complete = hasKnownEnd(place.chunk);
  auto ref = to.initChunk();
  ref.setId(place.id.value);
  ref.setGeneration(place.chunk.generation());
  to.setOffset(place.offset);
  to.setLength(place.chunk.length());
  to.setStoredLength(place.chunk.stored_length());
  to.setComplete(complete);

  const std::int64_t nowMs = state_->monotonicMs();
  std::vector<ReplicaPlace> replicas;
  for (const NodeId node : place.nodes) {
    const Datanode* known = state_->datanodes.find(node);
    if (known == nullptr) continue;
    replicas.push_back({.node = node,
                        .host = hostOf(known->address),
                        .machine = known->machine,
                        .rack = known->rack,
                        .live = known->session != 0 && !state_->suspects.contains(node, place.id) &&
                                state_->datanodes.health(*known, nowMs) == Health::LIVE});
  }
  // The nodes of a chunk that is being written stand in the order of its pipeline.
  if (complete) orderForRead(replicas, reader, state_->dice());
  auto addresses = to.initReplicas(static_cast<unsigned>(replicas.size()));
  for (unsigned i = 0; i < addresses.size(); ++i) {
    toWire(*state_->datanodes.find(replicas[i].node), addresses[i]);
  }
}

}  // namespace cairn::nn
