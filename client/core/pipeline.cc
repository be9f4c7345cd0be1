#include "client/core/pipeline.h"

#include <capnp/orphan.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "common/rpc/convert.h"

namespace cairn::client {

namespace {

constexpr std::array<std::byte, 8> PADDING{};

PipelineFailure failureAt(const LocatedChunk& chunk, std::uint32_t node, Status status) {
  const auto* failed = &chunk.at.replicas.front();
  for (const auto& replica : chunk.at.replicas) {
    if (replica.node == node) failed = &replica;
  }
  return {std::move(status), *failed};
}

// The reply to a call on the first node, or which node failed.
template <typename Results>
kj::Promise<PipelineResult<capnp::Response<Results>>> outcomeOf(
    Session& session, std::shared_ptr<const LocatedChunk> chunk, std::uint32_t deadlineMs,
    kj::Promise<capnp::Response<Results>> sent, std::string what) {
  const auto& first = chunk->at.replicas.front();
  auto reply = co_await rpc::withDeadline(session.host.timer, deadlineMs,
                                          rpc::caught(kj::mv(sent), what), what);
  if (!reply.has_value()) {
    // A connection that swallows calls is not worth keeping.
    if (reply.error().code() == Code::TIMED_OUT) session.connections.drop(first.address);
    co_return std::unexpected(PipelineFailure{kj::mv(reply).error(), first});
  }
  if (auto fault = rpc::fromWire(reply->getFault()); !fault.has_value()) {
    co_return std::unexpected(failureAt(*chunk, reply->getFailedNode(), kj::mv(fault).error()));
  }
  co_return kj::mv(*reply);
}

template <typename Results>
kj::Promise<PipelineResult<void>> done(
    kj::Promise<PipelineResult<capnp::Response<Results>>> reply) {
  auto outcome = co_await kj::mv(reply);
  if (!outcome.has_value()) co_return std::unexpected(kj::mv(outcome).error());
  co_return PipelineResult<void>();
}

}  // namespace

Pipeline::Pipeline(Session& session, Opened opened)
    : session_(session),
      chunk_(std::move(opened.chunk)),
      windowBytes_(opened.windowBytes),
      writer_(kj::mv(opened.writer)),
      sentBuffers_(kj::mv(opened.sentBuffers)) {}

template <typename T>
kj::Promise<PipelineResult<T>> Pipeline::whileOpen(kj::Promise<PipelineResult<T>> promise) {
  return calls_.wrap(kj::mv(promise))
      .catch_([chunk = chunk_](kj::Exception&& e) -> PipelineResult<T> {
        return std::unexpected(
            failureAt(*chunk, 0, rpc::fromException(e, "writing through a pipeline")));
      });
}

kj::Promise<PipelineResult<void>> Pipeline::push(std::uint64_t offset, EncodedPacket& packet) {
  bindTo(ChunkId(chunk_->at.chunk), packet);
  auto request = writer_.pushRequest();
  auto body = request.initPacket();
  body.setOffset(offset);
  body.setPlainLength(packet.plainLength);
  refer(body, packet);
  return whileOpen(done(outcomeOf<wire::ReplicaWriter::PushResults>(
      session_, chunk_, session_.options.datanodeWriteMs, request.send(), "sending bytes")));
}

void Pipeline::refer(wire::Packet::Builder to, const EncodedPacket& packet) {
  const auto frames = rpc::toData({packet.buffer->data(), packet.bytes});
  KJ_IF_MAYBE (sentBuffers, sentBuffers_) {
    to.adoptFrames(capnp::Orphanage::getForMessageContaining(to).referenceExternalData(frames));
    // Messages consist of whole words: what fills up the last one goes out with it.
    const auto padding = packet.bytes % 8 == 0 ? 0 : 8 - packet.bytes % 8;
    auto pieces = packet.pieces;
    if (pieces.empty()) {
      std::memset(packet.buffer->data() + packet.bytes, 0, padding);
    } else if (padding > 0) {
      pieces.push_back(ByteView(PADDING).first(padding));
    }
    using Memory = std::pair<std::shared_ptr<Buffer>, std::shared_ptr<Buffer>>;
    (*sentBuffers)
        ->sendInstead(frames.begin(), std::move(pieces),
                      kj::heap<Memory>(packet.buffer, packet.plain));
  } else if (packet.pieces.empty()) {
    to.setFrames(frames);
  } else {
    auto at = to.initFrames(frames.size()).begin();
    for (const auto& piece : packet.pieces) {
      std::memcpy(at, piece.data(), piece.size());
      at += piece.size();
    }
  }
}

kj::Promise<PipelineResult<void>> Pipeline::sync() {
  return whileOpen(done(outcomeOf<wire::ReplicaWriter::SyncResults>(
      session_, chunk_, session_.options.datanodeWriteMs, writer_.syncRequest().send(),
      "bringing bytes to the disks")));
}

kj::Promise<PipelineResult<std::vector<SealedChunk::Replica>>> Pipeline::finish(
    std::uint64_t length, std::uint32_t plainCrc, ByteVector md5) {
  using Sealed = std::vector<SealedChunk::Replica>;
  using Results = wire::ReplicaWriter::FinishResults;
  auto request = writer_.finishRequest();
  request.setLength(length);
  request.setPlainCrc(plainCrc);
  request.setMd5(rpc::toData(md5));
  auto outcome = outcomeOf<Results>(session_, chunk_, session_.options.datanodeWriteMs,
                                    request.send(), "sealing the chunk");
  return whileOpen(
      outcome.then([](PipelineResult<capnp::Response<Results>> reply) -> PipelineResult<Sealed> {
        if (!reply.has_value()) return std::unexpected(kj::mv(reply).error());
        Sealed sealed;
        for (auto replica : reply->getSealed()) {
          sealed.push_back({replica.getNode(), replica.getStoredLength()});
        }
        return sealed;
      }));
}

kj::Promise<PipelineResult<kj::Own<Pipeline>>> openPipeline(Session& session,
                                                            PipelineRequest request) {
  auto chunk = std::make_shared<const LocatedChunk>(std::move(request.chunk));
  const auto& nodes = chunk->at.replicas;
  const auto& first = nodes.front();
  auto connected = co_await session.connections.get<wire::Datanode>(first.address);
  if (!connected.has_value()) {
    co_return std::unexpected(PipelineFailure{kj::mv(connected).error(), first});
  }
  auto sentBuffers = session.connections.sentBuffers(first.address);
  auto call = connected->openWriterRequest();
  setChunkRef(chunk->at, call.initChunk());
  call.setCodec(toWire(request.codec));
  call.setFrameSize(request.frameSize);
  call.setChunkSize(request.chunkSize);
  auto downstream = call.initDownstream(static_cast<unsigned>(nodes.size() - 1));
  for (unsigned i = 0; i < downstream.size(); ++i) toWire(nodes[i + 1], downstream[i]);
  call.setToken(rpc::toData(asBytes(chunk->token)));
  call.setNode(first.node);
  if (request.resumeGeneration != 0) {
    auto resume = call.initResume();
    resume.setGeneration(request.resumeGeneration);
    resume.setLength(request.resumeLength);
  }
  auto reply = co_await outcomeOf<wire::Datanode::OpenWriterResults>(
      session, chunk, session.options.pipelineOpenMs, call.send(),
      "opening a pipeline through " + describe(first));
  if (!reply.has_value()) co_return std::unexpected(kj::mv(reply).error());
  const auto granted = reply->getWindow();
  co_return kj::heap<Pipeline>(
      session, Pipeline::Opened{.chunk = chunk,
                                .writer = reply->getWriter(),
                                .windowBytes = granted > 0 ? granted : limits::WRITE_WINDOW_BYTES,
                                .sentBuffers = kj::mv(sentBuffers)});
}

}  // namespace cairn::client
