// NamenodeClient: files opened again, and pipelines that are rebuilt.
#include "client/core/namenode_call.h"

namespace cairn::client {

using rpc::toText;
using wire::Namenode;

namespace {

void setNodes(capnp::List<std::uint32_t>::Builder to, const std::vector<std::uint32_t>& nodes) {
  for (unsigned i = 0; i < to.size(); ++i) to.set(i, nodes[i]);
}

}  // namespace

kj::Promise<Result<AppendedFile>> NamenodeClient::append(std::string path, bool newChunk) {
  return call<AppendedFile>(
      "append", Repeat::NUMBERED,
      [this, path = std::move(path), newChunk](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.appendRequest();
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        request.setNewChunk(newChunk);
        return request.send();
      },
      [this](auto& reply) -> Result<AppendedFile> {
        noteLeaseRenewal(reply.getLeaseRenewMs());
        return AppendedFile{.entry = fromWire(reply.getEntry()),
                            .last = {.chunk = fromWire(reply.getLast()),
                                     .zstdLevel = reply.getZstdLevel(),
                                     .frameSize = reply.getFrameSize()}};
      });
}

kj::Promise<Result<NewGeneration>> NamenodeClient::updateChunk(std::uint64_t file,
                                                               ChunkLocation chunk) {
  return call<NewGeneration>(
      "updateChunk", Repeat::SAFE,
      [this, file, chunk = std::move(chunk)](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.updateChunkRequest();
        fillCall(request.initCall(), id);
        request.setFile(file);
        setChunkRef(chunk, request.initChunk());
        return request.send();
      },
      [](auto& reply) -> Result<NewGeneration> {
        return NewGeneration{.generation = reply.getGeneration(),
                             .token = std::string(asText(rpc::toView(reply.getToken())))};
      });
}

kj::Promise<Result<std::vector<DatanodeAddress>>> NamenodeClient::additionalNodes(
    std::uint64_t file, ChunkLocation chunk, std::vector<std::uint32_t> existing,
    std::vector<std::uint32_t> excluded, std::uint16_t count) {
  return call<std::vector<DatanodeAddress>>(
      "additionalNodes", Repeat::SAFE,
      [this, file, chunk = std::move(chunk), existing = std::move(existing),
       excluded = std::move(excluded), count](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.additionalNodesRequest();
        fillCall(request.initCall(), id);
        request.setFile(file);
        setChunkRef(chunk, request.initChunk());
        setNodes(request.initExisting(static_cast<unsigned>(existing.size())), existing);
        setNodes(request.initExcluded(static_cast<unsigned>(excluded.size())), excluded);
        request.setCount(count);
        return request.send();
      },
      [](auto& reply) -> Result<std::vector<DatanodeAddress>> {
        std::vector<DatanodeAddress> nodes;
        for (auto node : reply.getNodes()) nodes.push_back(fromWire(node));
        return nodes;
      });
}

kj::Promise<Result<void>> NamenodeClient::updatePipeline(std::uint64_t file, ChunkLocation recorded,
                                                         std::uint64_t generation,
                                                         std::uint64_t length,
                                                         std::vector<std::uint32_t> nodes) {
  return call<void>(
      "updatePipeline", Repeat::NUMBERED,
      [this, file, recorded = std::move(recorded), generation, length, nodes = std::move(nodes)](
          Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.updatePipelineRequest();
        fillCall(request.initCall(), id);
        request.setFile(file);
        setChunkRef(recorded, request.initChunk());
        request.setGeneration(generation);
        request.setLength(length);
        setNodes(request.initNodes(static_cast<unsigned>(nodes.size())), nodes);
        return request.send();
      },
      [](auto&) -> Result<void> { return {}; });
}

kj::Promise<Result<void>> NamenodeClient::syncFile(std::uint64_t file, ChunkLocation chunk,
                                                   std::uint64_t length) {
  return call<void>(
      "syncFile", Repeat::NUMBERED,
      [this, file, chunk = std::move(chunk), length](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.syncFileRequest();
        fillCall(request.initCall(), id);
        request.setFile(file);
        setChunkRef(chunk, request.initChunk());
        request.setLength(length);
        return request.send();
      },
      [](auto&) -> Result<void> { return {}; });
}

}  // namespace cairn::client
