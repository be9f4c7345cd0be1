// Writes one chunk through an open pipeline of datanodes, with a bounded window of bytes that not
// all of them have acknowledged yet.
// Layer: client/core.  Threads: one event loop.
//
// After the first failure (a lost connection, a fault, no answer in time) every call returns it; it
// names the datanode. Destroying it before finish() answered leaves unfinished replicas, which the
// datanodes report.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <optional>
#include <string>

#include "client/core/options.h"
#include "client/core/packet_encoder.h"
#include "client/core/signal.h"
#include "client/core/wire_types.h"
#include "common/async/coroutine.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/host.h"
#include "common/schema/datanode.capnp.h"

namespace cairn::client {

class ChunkWriter final : private kj::TaskSet::ErrorHandler {
public:
  // What openPipeline() got for a chunk.
  struct Pipeline {
    LocatedChunk chunk;
    wire::ReplicaWriter::Client writer;
    std::uint64_t windowBytes;                         // that the datanodes grant
    kj::Maybe<kj::Own<rpc::SentBuffers>> sentBuffers;  // of its connection; null when that is gone
  };
  // The references outlive it.
  ChunkWriter(rpc::Host& host, const Options& options, Pipeline pipeline);
  KJ_DISALLOW_COPY(ChunkWriter);

  // Sends the packet, after waiting until the window has room for it (an empty window takes any).
  // Answered when it is on its way; keeps it until it is acknowledged. One call at a time.
  kj::Promise<Result<void>> push(EncodedPacket packet);
  // Seals the replicas. Answered when they are durable. Only after the last push() was answered.
  kj::Promise<Result<SealedChunk>> finish(std::uint32_t plainCrc, ByteVector md5);

  // Plain bytes that every node of the pipeline has.
  std::uint64_t acknowledged() const { return acknowledged_; }
  // Stored bytes sent and not acknowledged: never above Options::writeWindowBytes nor what the
  // datanodes grant, but for a single larger packet.
  std::uint64_t unacknowledgedBytes() const { return inFlight_; }

private:
  // Makes the request refer to the packet's memory, which stays until it has left the process.
  void refer(wire::Packet::Builder to, const EncodedPacket& packet);
  kj::Promise<void> awaitAcknowledgement(
      kj::Promise<capnp::Response<wire::ReplicaWriter::PushResults>> sent, EncodedPacket packet);
  // The failure with the node's name and the chunk's; `node` 0: the pipeline's first.
  Status describeFailure(const Status& failure, std::uint32_t node) const;
  void fail(Status failure);
  void taskFailed(kj::Exception&& exception) override;

  rpc::Host& host_;
  const Options& options_;
  const LocatedChunk chunk_;
  const std::uint64_t windowBytes_;
  wire::ReplicaWriter::Client writer_;
  kj::Maybe<kj::Own<rpc::SentBuffers>> sentBuffers_;
  std::uint64_t offset_ = 0;  // plain bytes pushed
  std::uint64_t acknowledged_ = 0;
  std::uint64_t inFlight_ = 0;
  std::optional<Status> failure_;
  Signal changed_;  // an acknowledgement, or a failure
  kj::TaskSet acknowledgements_;
};

// Why a pipeline could not be opened, and which node to leave out of the next try.
struct PipelineFailure {
  Status status;
  DatanodeAddress node;
};

// Opens the pipeline of a new chunk. Tries once.
kj::Promise<std::expected<kj::Own<ChunkWriter>, PipelineFailure>> openPipeline(
    rpc::Host& host, const Options& options, rpc::ClientPool& connections, LocatedChunk chunk,
    Codec codec, std::uint32_t frameSize, std::uint64_t chunkSize);

}  // namespace cairn::client
