// Writes one chunk: keeps every packet until all datanodes of its pipeline have acknowledged it, in
// a bounded window, and sends what is unacknowledged again through a new pipeline when one fails.
// Layer: client/core.  Threads: one event loop.
//
// Calls wait while a pipeline is rebuilt. When it cannot be any more (pipeline_plan.h), every call
// returns why, with each node's name. Destroying it before finish() answered leaves unfinished
// replicas, which the datanodes report.
#pragma once

#include <kj/async.h>
#include <kj/refcount.h>

#include <cstdint>
#include <deque>
#include <optional>

#include "client/core/packet_encoder.h"
#include "client/core/pipeline.h"
#include "client/core/pipeline_builder.h"
#include "client/core/session.h"
#include "client/core/signal.h"
#include "client/core/wire_types.h"
#include "common/async/coroutine.h"

namespace cairn::client {

class ChunkWriter final : public kj::Refcounted, private kj::TaskSet::ErrorHandler {
public:
  struct Start {
    kj::Own<Pipeline> pipeline;
    std::uint64_t length = 0;  // plain bytes of the chunk that are there already
    bool flushed = false;      // the file was flushed or appended to before
  };
  // All references outlive it, or its stop(). `changed` is notified of every acknowledgement and
  // failure; others may use it, too.
  ChunkWriter(Session& session, PipelineBuilder& builder, Signal& changed, Start start);
  ~ChunkWriter() noexcept(false);
  KJ_DISALLOW_COPY(ChunkWriter);

  // Sends the packet, after waiting until the window has room for it (an empty window takes any).
  // Answered when it is on its way. One call at a time.
  kj::Promise<Result<void>> push(EncodedPacket packet);
  // Answered when all that was pushed before is on the disk of every node of the pipeline: how many
  // plain bytes of the chunk. Beside the other calls.
  kj::Promise<Result<std::uint64_t>> sync();
  // Seals the replicas. Answered when they are durable. Only after the last push() was answered.
  // `md5` empty: the nodes count both sums themselves.
  kj::Promise<Result<SealedChunk>> finish(std::uint32_t plainCrc, ByteVector md5);
  // Never settles but with the failure after which no call succeeds any more.
  kj::Promise<Result<SealedChunk>> whenFailed();
  // From now on bytes that a reader may have seen are in it: it gets a replacement sooner.
  void noteFlush() { flushed_ = true; }
  // Every call under way, and all that follow, end with `why`. Sends nothing more.
  void stop(Status why);

  // Plain bytes pushed, and those that every node of the pipeline has; with those that were there.
  std::uint64_t length() const { return offset_; }
  std::uint64_t acknowledged() const { return acknowledged_; }
  bool sealed() const { return sealed_; }

private:
  struct Packet {
    EncodedPacket encoded;
    std::uint64_t offset;  // of its first plain byte in the chunk
  };

  bool isOpen() const { return pipeline_.get() != nullptr && !broken_; }
  // Whether the window of the pipeline takes it now. REQUIRES: isOpen().
  bool hasRoomFor(const EncodedPacket& packet) const;
  // Sends what is unacknowledged and has not gone into this pipeline, as far as its window takes.
  void sendMore();
  void send(Packet& packet);
  // `life`: of the pipeline that the call was made on; answers of earlier ones count for nothing.
  kj::Promise<void> awaitAcknowledgement(std::uint64_t life, std::uint64_t end,
                                         kj::Promise<PipelineResult<void>> sent);
  void acknowledge(std::uint64_t end);
  void pipelineFailed(std::uint64_t life, PipelineFailure failure);
  // Rebuilds the pipeline whenever it has failed. Runs as long as this lives.
  kj::Promise<void> keepOpen();
  void countRebuild() const;
  // Waits until there is a pipeline and all that was pushed has gone into it. By the time that its
  // caller goes on the pipeline may have broken.
  kj::Promise<Result<void>> whenAllSent();
  void fail(Status failure);
  void taskFailed(kj::Exception&& exception) override;

  Session& session_;
  PipelineBuilder& builder_;
  Signal& changed_;
  kj::Own<Pipeline> pipeline_;  // null while it is being rebuilt
  std::uint64_t life_ = 1;      // which pipeline of the chunk this is
  std::optional<PipelineFailure> broken_;
  std::deque<Packet> unacknowledged_;
  std::size_t sent_ = 0;  // of unacknowledged_, its first ones: through this pipeline
  std::uint64_t offset_;  // plain bytes pushed
  std::uint64_t acknowledged_;
  std::uint64_t inFlight_ = 0;  // stored bytes of those sent
  bool flushed_;
  bool finishing_ = false;
  bool sealed_ = false;
  std::optional<Status> failure_;
  kj::TaskSet acknowledgements_;
  kj::Promise<void> keepingOpen_;
};

}  // namespace cairn::client
