// One open pipeline: the datanodes, one behind the other, that write one chunk in one generation.
// Layer: client/core.  Threads: one event loop.
//
// After the first failure only destroying it makes sense; the replicas stay as unfinished ones, to
// be resumed by the next pipeline of the chunk. Destroying it ends all calls on it.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <vector>

#include "client/core/packet_encoder.h"
#include "client/core/session.h"
#include "client/core/wire_types.h"
#include "common/async/coroutine.h"
#include "common/schema/datanode.capnp.h"

namespace cairn::client {

// Which node failed, and why. A node that does not answer in time counts as failed; when it is not
// known which one, that is the first: the nodes behind it are given up sooner by those before them.
struct PipelineFailure {
  Status status;
  DatanodeAddress node;
};
template <typename T>
using PipelineResult = std::expected<T, PipelineFailure>;

class Pipeline {
public:
  // What openPipeline() got.
  struct Opened {
    std::shared_ptr<const LocatedChunk> chunk;
    wire::ReplicaWriter::Client writer;
    std::uint64_t windowBytes;
    kj::Maybe<kj::Own<rpc::SentBuffers>> sentBuffers;  // of its connection; null when that is gone
  };
  // `session` outlives it.
  Pipeline(Session& session, Opened opened);
  KJ_DISALLOW_COPY(Pipeline);

  // Sent before it returns. Answered when every node has the bytes (not: on disk). `offset`: of the
  // packet's first plain byte in the chunk. The packet becomes the chunk's (bindTo()); its memory
  // is kept until it is sent.
  kj::Promise<PipelineResult<void>> push(std::uint64_t offset, EncodedPacket& packet);
  // Answered when all that was pushed before is on every node's disk.
  kj::Promise<PipelineResult<void>> sync();
  // Seals the replicas, with all that was pushed before. Answered when they are durable. `md5`
  // empty: the nodes count both sums themselves.
  kj::Promise<PipelineResult<std::vector<SealedChunk::Replica>>> finish(std::uint64_t length,
                                                                        std::uint32_t plainCrc,
                                                                        ByteVector md5);

  // In its generation, with the nodes in order.
  const LocatedChunk& chunk() const { return *chunk_; }
  // Stored bytes that may be unanswered, as the nodes grant.
  std::uint64_t windowBytes() const { return windowBytes_; }

private:
  // Makes the request refer to the packet's memory, which stays until it has left the process.
  void refer(wire::Packet::Builder to, const EncodedPacket& packet);
  // The promise, or the first node's failure when this is destroyed.
  template <typename T>
  kj::Promise<PipelineResult<T>> whileOpen(kj::Promise<PipelineResult<T>> promise);

  Session& session_;
  const std::shared_ptr<const LocatedChunk> chunk_;
  const std::uint64_t windowBytes_;
  wire::ReplicaWriter::Client writer_;
  kj::Maybe<kj::Own<rpc::SentBuffers>> sentBuffers_;
  kj::Canceler calls_;
};

struct PipelineRequest {
  LocatedChunk chunk;  // in the generation to be written, with the nodes in order
  Codec codec = Codec::ZSTD;
  std::uint32_t frameSize = 0;
  std::uint64_t chunkSize = 0;
  // 0: new replicas; else those of this generation, cut to so many plain bytes.
  std::uint64_t resumeGeneration = 0;
  std::uint64_t resumeLength = 0;
};

// Opens it. Tries once. REQUIRES: at least one node.
kj::Promise<PipelineResult<kj::Own<Pipeline>>> openPipeline(Session& session,
                                                            PipelineRequest request);

}  // namespace cairn::client
