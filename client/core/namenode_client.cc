#include "client/core/namenode_client.h"

#include "client/core/namenode_call.h"
#include "common/rpc/convert.h"

namespace cairn::client {

using rpc::toText;
using wire::Namenode;

bool worthRetrying(const Status& failure) {
  switch (failure.code()) {
    case Code::UNAVAILABLE:
    case Code::TIMED_OUT:
    case Code::OVERLOADED:
    case Code::NOT_REPLICATED_YET: return true;
    default: return failure.retryAfterMs() > 0;
  }
}

NamenodeClient::NamenodeClient(rpc::Host& host, const Options& options, rpc::ClientPool& pool,
                               ClientId client)
    : host_(host), options_(options), pool_(pool), client_(client) {}

void NamenodeClient::fillCall(wire::CallInfo::Builder to, std::uint64_t callId) const {
  to.setUser(toText(options_.user));
  rpc::toWire(client_, to.initClient());
  to.setCallId(callId);
  to.setLowestOpenCall(numbers_.lowestOpen());
}

kj::Promise<Result<void>> NamenodeClient::ping() {
  return call<void>(
      "ping", Repeat::SAFE,
      [](Namenode::Client& namenode, std::uint64_t) { return namenode.pingRequest().send(); },
      [](auto&) -> Result<void> { return {}; });
}

kj::Promise<Result<ServerInfo>> NamenodeClient::serverInfo() {
  return call<ServerInfo>(
      "server info", Repeat::SAFE,
      [](Namenode::Client& namenode, std::uint64_t) { return namenode.serverInfoRequest().send(); },
      [](auto& reply) -> Result<ServerInfo> { return fromWire(reply.getInfo()); });
}

kj::Promise<Result<Entry>> NamenodeClient::stat(std::string path) {
  return call<Entry>(
      "stat", Repeat::SAFE,
      [this, path = std::move(path)](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.statRequest(PATH_CALL);
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        return request.send();
      },
      [](auto& reply) -> Result<Entry> { return fromWire(reply.getEntry()); });
}

kj::Promise<Result<ListPage>> NamenodeClient::list(std::string path, std::string startAfter,
                                                   std::uint32_t limit) {
  return call<ListPage>(
      "list", Repeat::SAFE,
      [this, path = std::move(path), startAfter = std::move(startAfter), limit](
          Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.listRequest(PATH_CALL);
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        request.setStartAfter(toText(startAfter));
        request.setLimit(limit);
        return request.send();
      },
      [](auto& reply) -> Result<ListPage> { return pageFromWire(reply); });
}

kj::Promise<Result<bool>> NamenodeClient::mkdirs(std::string path, std::uint16_t mode,
                                                 bool createParents) {
  return call<bool>(
      "mkdirs", Repeat::NUMBERED,
      [this, path = std::move(path), mode, createParents](Namenode::Client& namenode,
                                                          std::uint64_t id) {
        auto request = namenode.mkdirsRequest(PATH_CALL);
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        request.setMode(mode);
        request.setCreateParents(createParents);
        return request.send();
      },
      [](auto& reply) -> Result<bool> { return reply.getCreated(); });
}

kj::Promise<Result<Entry>> NamenodeClient::create(std::string path, CreateOptions options) {
  return call<Entry>(
      "create", Repeat::NUMBERED,
      [this, path = std::move(path), options](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.createRequest(PATH_CALL);
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        toWire(options, request.initOptions());
        return request.send();
      },
      [this](auto& reply) -> Result<Entry> {
        noteLeaseRenewal(reply.getLeaseRenewMs());
        return fromWire(reply.getEntry());
      });
}

kj::Promise<Result<NewChunk>> NamenodeClient::addChunk(std::uint64_t file, SealedChunk previous,
                                                       std::vector<std::uint32_t> excluded) {
  return call<NewChunk>(
      "addChunk", Repeat::NUMBERED,
      [this, file, previous = std::move(previous), excluded = std::move(excluded)](
          Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.addChunkRequest();
        fillCall(request.initCall(), id);
        request.setFile(file);
        toWire(previous, request.initPrevious());
        auto nodes = request.initExcluded(static_cast<unsigned>(excluded.size()));
        for (unsigned i = 0; i < nodes.size(); ++i) nodes.set(i, excluded[i]);
        request.setLocalNode(options_.localNode.value);
        request.setMachine(toText(options_.machine));
        return request.send();
      },
      [](auto& reply) -> Result<NewChunk> {
        return NewChunk{.chunk = fromWire(reply.getChunk()),
                        .zstdLevel = reply.getZstdLevel(),
                        .frameSize = reply.getFrameSize()};
      });
}

kj::Promise<Result<void>> NamenodeClient::abandonChunk(std::uint64_t file, ChunkLocation chunk) {
  return call<void>(
      "abandonChunk", Repeat::NUMBERED,
      [this, file, chunk = std::move(chunk)](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.abandonChunkRequest();
        fillCall(request.initCall(), id);
        request.setFile(file);
        setChunkRef(chunk, request.initChunk());
        return request.send();
      },
      [](auto&) -> Result<void> { return {}; });
}

kj::Promise<Result<Entry>> NamenodeClient::complete(std::uint64_t file, SealedChunk last) {
  return call<Entry>(
      "complete", Repeat::NUMBERED,
      [this, file, last = std::move(last)](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.completeRequest();
        fillCall(request.initCall(), id);
        request.setFile(file);
        toWire(last, request.initLast());
        return request.send();
      },
      [](auto& reply) -> Result<Entry> { return fromWire(reply.getEntry()); });
}

kj::Promise<Result<LocatedFile>> NamenodeClient::getLocations(std::string path,
                                                              std::uint64_t offset,
                                                              std::uint64_t length, For what) {
  return call<LocatedFile>(
      "getLocations", Repeat::SAFE,
      [this, path = std::move(path), offset, length, what](Namenode::Client& namenode,
                                                           std::uint64_t id) {
        auto request = namenode.getLocationsRequest(PATH_CALL);
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        request.setOffset(offset);
        request.setLength(length);
        request.setKeepAccessTime(what == For::LOOK);
        return request.send();
      },
      [](auto& reply) -> Result<LocatedFile> {
        LocatedFile file{
            .entry = fromWire(reply.getEntry()), .chunks = {}, .more = reply.getMore()};
        for (auto chunk : reply.getChunks()) file.chunks.push_back(fromWire(chunk));
        return file;
      });
}

kj::Promise<Result<ChunkOwner>> NamenodeClient::chunkOwner(std::uint64_t chunk) {
  return call<ChunkOwner>(
      "chunkOwner", Repeat::SAFE,
      [this, chunk](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.chunkOwnerRequest();
        fillCall(request.initCall(), id);
        request.setChunk(chunk);
        return request.send();
      },
      [](auto& reply) -> Result<ChunkOwner> {
        return ChunkOwner{.path = rpc::toString(reply.getPath()), .offset = reply.getOffset()};
      });
}

kj::Promise<Result<bool>> NamenodeClient::remove(std::string path, bool recursive) {
  return call<bool>(
      "remove", Repeat::NUMBERED,
      [this, path = std::move(path), recursive](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.removeRequest(PATH_CALL);
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        request.setRecursive(recursive);
        return request.send();
      },
      [](auto& reply) -> Result<bool> { return reply.getRemoved(); });
}

kj::Promise<Result<void>> NamenodeClient::rename(std::string from, std::string to,
                                                 RenameOptions options) {
  return call<void>(
      "rename", Repeat::NUMBERED,
      [this, from = std::move(from), to = std::move(to), options](Namenode::Client& namenode,
                                                                  std::uint64_t id) {
        auto request = namenode.renameRequest(PATH_CALL);
        fillCall(request.initCall(), id);
        request.setFrom(toText(from));
        request.setTo(toText(to));
        request.setOverwrite(options.overwrite);
        request.setMoveInto(options.moveInto);
        return request.send();
      },
      [](auto&) -> Result<void> { return {}; });
}

kj::Promise<Result<void>> NamenodeClient::renewLease() {
  return call<void>(
      "renewLease", Repeat::SAFE,
      [this](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.renewLeaseRequest();
        fillCall(request.initCall(), id);
        return request.send();
      },
      [this](auto& reply) -> Result<void> {
        noteLeaseRenewal(reply.getLeaseRenewMs());
        return {};
      });
}

kj::Promise<Result<void>> NamenodeClient::reportBadReplica(ChunkLocation chunk, std::uint32_t node,
                                                           std::string reason) {
  return call<void>(
      "reportBadReplica", Repeat::SAFE,
      [this, chunk = std::move(chunk), node, reason = std::move(reason)](Namenode::Client& namenode,
                                                                         std::uint64_t id) {
        auto request = namenode.reportBadReplicaRequest();
        fillCall(request.initCall(), id);
        setChunkRef(chunk, request.initChunk());
        request.setNode(node);
        request.setReason(toText(reason));
        return request.send();
      },
      [](auto&) -> Result<void> { return {}; });
}

kj::Promise<Result<ClusterReport>> NamenodeClient::report() {
  return call<ClusterReport>(
      "report", Repeat::SAFE,
      [this](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.reportRequest();
        fillCall(request.initCall(), id);
        return request.send();
      },
      [](auto& reply) -> Result<ClusterReport> { return fromWire(reply.getReport()); });
}

kj::Promise<Result<SafeModeState>> NamenodeClient::safeMode(SafeModeAction action) {
  return call<SafeModeState>(
      "safeMode", action == SafeModeAction::GET ? Repeat::SAFE : Repeat::NUMBERED,
      [this, action](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.safeModeRequest();
        fillCall(request.initCall(), id);
        request.setAction(static_cast<wire::SafeModeAction>(action));
        return request.send();
      },
      [](auto& reply) -> Result<SafeModeState> {
        return SafeModeState{.on = reply.getOn(), .text = rpc::toString(reply.getText())};
      });
}

}  // namespace cairn::client
