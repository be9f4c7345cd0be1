#include "client/core/chunk_writer.h"

#include <capnp/orphan.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/rpc/convert.h"

namespace cairn::client {

ChunkWriter::ChunkWriter(rpc::Host& host, const Options& options, Pipeline pipeline)
    : host_(host),
      options_(options),
      chunk_(std::move(pipeline.chunk)),
      windowBytes_(std::min(options.writeWindowBytes, pipeline.windowBytes)),
      writer_(kj::mv(pipeline.writer)),
      sentBuffers_(kj::mv(pipeline.sentBuffers)),
      acknowledgements_(*this) {}

kj::Promise<Result<void>> ChunkWriter::push(EncodedPacket packet) {
  while (!failure_ && inFlight_ > 0 && inFlight_ + packet.bytes > windowBytes_) {
    co_await changed_.wait();
  }
  if (failure_) co_return cairn::fail(*failure_);
  auto request = writer_.pushRequest();
  auto body = request.initPacket();
  body.setOffset(offset_);
  body.setPlainLength(packet.plainLength);
  refer(body, packet);
  offset_ += packet.plainLength;
  inFlight_ += packet.bytes;
  acknowledgements_.add(awaitAcknowledgement(request.send(), kj::mv(packet)));
  co_return Result<void>();
}

void ChunkWriter::refer(wire::Packet::Builder to, const EncodedPacket& packet) {
  const auto frames = rpc::toData({packet.buffer->data(), packet.bytes});
  KJ_IF_MAYBE (sentBuffers, sentBuffers_) {
    // Messages consist of whole words: what fills up the last one goes out with it.
    std::memset(packet.buffer->data() + packet.bytes, 0,
                packet.bytes % 8 == 0 ? 0 : 8 - packet.bytes % 8);
    to.adoptFrames(capnp::Orphanage::getForMessageContaining(to).referenceExternalData(frames));
    (*sentBuffers)->keepUntilSent(frames.begin(), kj::heap<std::shared_ptr<Buffer>>(packet.buffer));
  } else {
    to.setFrames(frames);
  }
}

kj::Promise<void> ChunkWriter::awaitAcknowledgement(
    kj::Promise<capnp::Response<wire::ReplicaWriter::PushResults>> sent, EncodedPacket packet) {
  auto what = std::string("sending bytes");
  auto reply = co_await rpc::withDeadline(host_.timer, options_.datanodeWriteMs,
                                          rpc::caught(kj::mv(sent), what), what);
  if (!reply.has_value()) {
    fail(describeFailure(reply.error(), 0));
    co_return;
  }
  if (auto fault = rpc::fromWire(reply->getFault()); !fault.has_value()) {
    fail(describeFailure(fault.error(), reply->getFailedNode()));
    co_return;
  }
  inFlight_ -= packet.bytes;
  acknowledged_ += packet.plainLength;
  changed_.notify();
}

kj::Promise<Result<SealedChunk>> ChunkWriter::finish(std::uint32_t plainCrc, ByteVector md5) {
  if (failure_) co_return cairn::fail(*failure_);
  // Not waiting for the acknowledgements: calls take effect in order, and the disks may begin.
  auto request = writer_.finishRequest();
  request.setLength(offset_);
  request.setPlainCrc(plainCrc);
  request.setMd5(rpc::toData(md5));
  auto what = std::string("sealing the chunk");
  auto reply = co_await rpc::withDeadline(host_.timer, options_.datanodeWriteMs,
                                          rpc::caught(request.send(), what), what);
  // A push that failed says more than the finish() that failed because of it.
  if (failure_) co_return cairn::fail(*failure_);
  if (!reply.has_value()) {
    fail(describeFailure(reply.error(), 0));
  } else if (auto fault = rpc::fromWire(reply->getFault()); !fault.has_value()) {
    fail(describeFailure(fault.error(), reply->getFailedNode()));
  }
  if (failure_) co_return cairn::fail(*failure_);
  while (!failure_ && inFlight_ > 0) co_await changed_.wait();
  if (failure_) co_return cairn::fail(*failure_);
  SealedChunk sealed{.chunk = chunk_.at.chunk,
                     .generation = chunk_.at.generation,
                     .length = offset_,
                     .sealed = {}};
  for (auto replica : reply->getSealed()) {
    sealed.sealed.push_back({replica.getNode(), replica.getStoredLength()});
  }
  co_return kj::mv(sealed);
}

Status ChunkWriter::describeFailure(const Status& failure, std::uint32_t node) const {
  const auto* failed = &chunk_.at.replicas.front();
  for (const auto& replica : chunk_.at.replicas) {
    if (replica.node == node) failed = &replica;
  }
  return failure.withContext(describe(*failed) + " failed while chunk " +
                             std::to_string(chunk_.at.chunk) + " was being written");
}

void ChunkWriter::fail(Status failure) {
  if (!failure_) failure_ = std::move(failure);
  changed_.notify();
}

void ChunkWriter::taskFailed(kj::Exception&& exception) {
  fail(rpc::fromException(exception, "writing a chunk"));
}

kj::Promise<std::expected<kj::Own<ChunkWriter>, PipelineFailure>> openPipeline(
    rpc::Host& host, const Options& options, rpc::ClientPool& connections, LocatedChunk chunk,
    Codec codec, std::uint32_t frameSize, std::uint64_t chunkSize) {
  const auto first = chunk.at.replicas.front();
  auto what = "opening a pipeline through " + describe(first);
  auto connected = co_await connections.get<wire::Datanode>(first.address);
  if (!connected.has_value()) {
    co_return std::unexpected(PipelineFailure{kj::mv(connected).error(), first});
  }
  auto sentBuffers = connections.sentBuffers(first.address);
  auto request = connected->openWriterRequest();
  setChunkRef(chunk.at, request.initChunk());
  request.setCodec(toWire(codec));
  request.setFrameSize(frameSize);
  request.setChunkSize(chunkSize);
  auto downstream = request.initDownstream(static_cast<unsigned>(chunk.at.replicas.size() - 1));
  for (unsigned i = 0; i < downstream.size(); ++i) toWire(chunk.at.replicas[i + 1], downstream[i]);
  request.setToken(rpc::toData(asBytes(chunk.token)));
  request.setNode(first.node);
  auto reply = co_await rpc::withDeadline(host.timer, options.pipelineOpenMs,
                                          rpc::caught(request.send(), what), what);
  if (!reply.has_value()) {
    if (reply.error().code() == Code::TIMED_OUT) connections.drop(first.address);
    co_return std::unexpected(PipelineFailure{kj::mv(reply).error(), first});
  }
  if (auto fault = rpc::fromWire(reply->getFault()); !fault.has_value()) {
    auto failed = first;
    for (const auto& replica : chunk.at.replicas) {
      if (replica.node == reply->getFailedNode()) failed = replica;
    }
    co_return std::unexpected(PipelineFailure{kj::mv(fault).error(), kj::mv(failed)});
  }
  const auto granted = reply->getWindow();
  co_return kj::heap<ChunkWriter>(
      host, options,
      ChunkWriter::Pipeline{.chunk = kj::mv(chunk),
                            .writer = reply->getWriter(),
                            .windowBytes = granted > 0 ? granted : limits::WRITE_WINDOW_BYTES,
                            .sentBuffers = kj::mv(sentBuffers)});
}

}  // namespace cairn::client
