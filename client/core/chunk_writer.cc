#include "client/core/chunk_writer.h"

#include <algorithm>
#include <utility>

#include "common/rpc/convert.h"

namespace cairn::client {

ChunkWriter::ChunkWriter(Session& session, PipelineBuilder& builder, Signal& changed, Start start)
    : session_(session),
      builder_(builder),
      changed_(changed),
      pipeline_(kj::mv(start.pipeline)),
      offset_(start.length),
      acknowledged_(start.length),
      flushed_(start.flushed),
      acknowledgements_(*this),
      keepingOpen_(keepOpen().eagerlyEvaluate(
          [this](kj::Exception&& e) { fail(rpc::fromException(e, "rebuilding a pipeline")); })) {}

ChunkWriter::~ChunkWriter() noexcept(false) = default;

kj::Promise<void> ChunkWriter::keepOpen() {
  while (true) {
    while (!broken_) co_await changed_.wait();
    auto failure = *std::exchange(broken_, std::nullopt);
    ++life_;
    pipeline_ = nullptr;
    auto rebuilt = co_await builder_.rebuild(failure, {.sent = offset_,
                                                       .acknowledged = acknowledged_,
                                                       .flushed = flushed_,
                                                       .finishing = finishing_});
    if (!rebuilt.has_value()) {
      fail(kj::mv(rebuilt).error());
      co_return;
    }
    countRebuild();
    pipeline_ = kj::mv(*rebuilt);
    sent_ = 0;
    inFlight_ = 0;
    sendMore();
    changed_.notify();
  }
}

void ChunkWriter::countRebuild() const {
  session_.host.metrics
      .counter("cairn_client_pipelines_rebuilt_total", "Pipelines opened again after a failure",
               {{"while", finishing_ ? "closing" : "writing"}})
      .add();
}

kj::Promise<Result<void>> ChunkWriter::whenAllSent() {
  while (!failure_ && (!isOpen() || sent_ < unacknowledged_.size())) co_await changed_.wait();
  if (failure_) co_return cairn::fail(*failure_);
  co_return Result<void>();
}

bool ChunkWriter::hasRoomFor(const EncodedPacket& packet) const {
  const auto window = std::min(session_.options.writeWindowBytes, pipeline_->windowBytes());
  return inFlight_ == 0 || inFlight_ + packet.bytes <= window;
}

kj::Promise<Result<void>> ChunkWriter::push(EncodedPacket packet) {
  while (true) {
    CO_TRY(co_await whenAllSent());
    if (!isOpen()) continue;
    if (hasRoomFor(packet)) break;
    co_await changed_.wait();
  }
  const auto offset = offset_;
  offset_ += packet.plainLength;
  unacknowledged_.push_back({kj::mv(packet), offset});
  sendMore();
  co_return Result<void>();
}

void ChunkWriter::sendMore() {
  while (isOpen() && sent_ < unacknowledged_.size() && hasRoomFor(unacknowledged_[sent_].encoded)) {
    send(unacknowledged_[sent_++]);
  }
}

void ChunkWriter::send(Packet& packet) {
  inFlight_ += packet.encoded.bytes;
  acknowledgements_.add(awaitAcknowledgement(life_, packet.offset + packet.encoded.plainLength,
                                             pipeline_->push(packet.offset, packet.encoded)));
}

kj::Promise<void> ChunkWriter::awaitAcknowledgement(std::uint64_t life, std::uint64_t end,
                                                    kj::Promise<PipelineResult<void>> sent) {
  auto outcome = co_await kj::mv(sent);
  if (life != life_) co_return;
  if (outcome.has_value()) {
    acknowledge(end);
  } else {
    pipelineFailed(life, kj::mv(outcome).error());
  }
}

void ChunkWriter::acknowledge(std::uint64_t end) {
  // Nodes take packets in order: who has this one has those before it.
  while (sent_ > 0 && unacknowledged_.front().offset < end) {
    inFlight_ -= unacknowledged_.front().encoded.bytes;
    unacknowledged_.pop_front();
    --sent_;
  }
  sendMore();
  if (end <= acknowledged_) return;
  acknowledged_ = end;
  builder_.progressed();
  changed_.notify();
}

void ChunkWriter::pipelineFailed(std::uint64_t life, PipelineFailure failure) {
  if (life != life_ || broken_ || failure_) return;
  broken_ = std::move(failure);
  changed_.notify();
}

kj::Promise<Result<std::uint64_t>> ChunkWriter::sync() {
  const auto length = offset_;
  while (!sealed_) {
    CO_TRY(co_await whenAllSent());
    // What is being sealed becomes durable by that.
    if (finishing_) {
      if (!sealed_) co_await changed_.wait();
      continue;
    }
    if (!isOpen()) continue;
    const auto life = life_;
    auto done = co_await pipeline_->sync();
    if (done.has_value()) break;
    pipelineFailed(life, kj::mv(done).error());
  }
  co_return length;
}

kj::Promise<Result<SealedChunk>> ChunkWriter::finish(std::uint32_t plainCrc, ByteVector md5) {
  finishing_ = true;
  while (true) {
    CO_TRY(co_await whenAllSent());
    if (!isOpen()) continue;
    const auto life = life_;
    // Not waiting for the acknowledgements: calls take effect in order, and the disks may begin.
    auto done = co_await pipeline_->finish(offset_, plainCrc, md5);
    if (failure_) co_return cairn::fail(*failure_);
    // A push that failed says more than the finish() that failed because of it.
    if (life != life_ || broken_) continue;
    if (!done.has_value()) {
      pipelineFailed(life, kj::mv(done).error());
      continue;
    }
    sealed_ = true;
    acknowledge(offset_);
    changed_.notify();
    const auto& chunk = pipeline_->chunk().at;
    co_return SealedChunk{.chunk = chunk.chunk,
                          .generation = chunk.generation,
                          .length = offset_,
                          .sealed = kj::mv(*done)};
  }
}

kj::Promise<Result<SealedChunk>> ChunkWriter::whenFailed() {
  while (!failure_) co_await changed_.wait();
  co_return cairn::fail(*failure_);
}

void ChunkWriter::stop(Status why) {
  keepingOpen_ = nullptr;
  ++life_;
  pipeline_ = nullptr;
  fail(std::move(why));
}

void ChunkWriter::fail(Status failure) {
  if (!failure_) failure_ = std::move(failure);
  changed_.notify();
}

void ChunkWriter::taskFailed(kj::Exception&& exception) {
  fail(rpc::fromException(exception, "writing a chunk"));
}

}  // namespace cairn::client
