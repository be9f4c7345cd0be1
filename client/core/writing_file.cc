#include "client/core/writing_file.h"

#include <kj/debug.h>

#include <algorithm>
#include <cstring>

#include "client/core/fault_wait.h"
#include "common/format/chunk_digest.h"
#include "common/rpc/convert.h"

namespace cairn::client {

WritingFile::WritingFile(Session& session, std::string path, Entry entry, std::optional<Tail> tail)
    : session_(session),
      path_(std::move(path)),
      entry_(std::move(entry)),
      begin_(entry_.length),
      tail_(std::move(tail)),
      feed_(session.host.workPool, session.buffers, session.options.encodeAheadBytes,
            {.chunkSize = entry_.chunkSize,
             .chunkOffset = tail_ ? tail_->last.chunk.at.length : 0,
             .firstFrame = tail_ ? tail_->nextFrame : 0}),
      pipelines_(session, entry_),
      lease_(kj::heap<LeaseKeeper::Hold>(session.leases)),
      flushed_(tail_.has_value()) {}

Result<void> WritingFile::checkOpen() const {
  if (!outcome_) return {};
  if (!outcome_->has_value()) return fail(outcome_->error());
  return fail(Code::INVALID_ARGUMENT, path_ + " is closed");
}

kj::Promise<Result<MutableBytes>> WritingFile::room() {
  CO_TRY(checkOpen());
  auto room = co_await feed_.room();
  // The feed is only stopped by a failure.
  if (room.empty()) co_return fail(outcome_->error());
  co_return room;
}

kj::Promise<Result<MutableBytes>> WritingFile::roomBehind() {
  CO_TRY(checkOpen());
  auto room = co_await feed_.roomBehind();
  if (room.empty()) co_return fail(outcome_->error());
  co_return room;
}

void WritingFile::fill(std::size_t bytes) {
  if (outcome_) return;
  feed_.fill(bytes);
  if (bytes > 0) startSending();
}

kj::Promise<Result<void>> WritingFile::write(ByteView bytes) {
  while (!bytes.empty()) {
    CO_ASSIGN(auto to, co_await room());
    auto size = std::min(to.size(), bytes.size());
    std::memcpy(to.data(), bytes.data(), size);
    fill(size);
    bytes = bytes.subspan(size);
  }
  co_return Result<void>();
}

kj::Promise<Result<void>> WritingFile::flush(FlushTo to) {
  CO_TRY(checkOpen());
  flushed_ = true;
  if (writer_.get() != nullptr) writer_->noteFlush();
  feed_.flush();
  const auto target = position();
  while (!outcome_ && acknowledged() < target) co_await progressed_.wait();
  CO_TRY(checkOpen());
  if (to == FlushTo::DISK) CO_TRY(co_await syncChunk());
  co_return Result<void>();
}

kj::Promise<Result<void>> WritingFile::syncChunk() {
  // Finished chunks are durable.
  if (writer_.get() == nullptr) co_return Result<void>();
  auto writer = kj::addRef(*writer_);
  while (true) {
    CO_ASSIGN(const auto length, co_await writer->sync());
    if (writer->sealed() || writer.get() != writer_.get()) co_return Result<void>();
    const auto generation = pipelines_.recorded().at.generation;
    auto told = co_await session_.namenode.syncFile(entry_.id, pipelines_.recorded().at, length);
    if (told.has_value()) co_return Result<void>();
    // A pipeline that was rebuilt meanwhile has another generation; its replicas are durable.
    if (generation == pipelines_.recorded().at.generation) co_return kj::mv(told);
  }
}

kj::Promise<Result<Entry>> WritingFile::close() {
  if (!outcome_) {
    feed_.end();
    startSending();
    co_await KJ_ASSERT_NONNULL(sending_).addBranch();
  }
  co_return *outcome_;
}

void WritingFile::abandon() {
  sending_ = nullptr;
  settle(fail(Code::CANCELLED, path_ + " was abandoned by its writer"));
}

std::uint64_t WritingFile::acknowledged() const {
  const auto here = writer_.get() == nullptr ? 0 : writer_->acknowledged() - chunkBegin_;
  return begin_ + sealedBytes_ + here;
}

void WritingFile::startSending() {
  if (sending_ != nullptr) return;
  auto sent = send().catch_(
      [](kj::Exception&& e) -> Result<Entry> { return fail(rpc::fromException(e, "writing")); });
  sending_ = sent.then([this](Result<Entry> outcome) { settle(kj::mv(outcome)); }).fork();
}

void WritingFile::settle(Result<Entry> outcome) {
  if (outcome_) return;
  if (!outcome.has_value()) outcome = fail(outcome.error().withContext(path_));
  outcome_ = kj::mv(outcome);
  feed_.stop();
  if (writer_.get() != nullptr) {
    // A flush may be waiting for it.
    writer_->stop({Code::CANCELLED, path_ + " is not written any more"});
    writer_ = nullptr;
  }
  lease_ = nullptr;
  progressed_.notify();
}

kj::Promise<Result<Entry>> WritingFile::send() {
  SealedChunk sealed;
  while (co_await feed_.begun()) {
    CO_ASSIGN(sealed, co_await sendChunk(kj::mv(sealed)));
  }
  if (tail_) {
    // Nothing was added: the last chunk is committed as it was found.
    const auto& last = tail_->last.chunk.at;
    sealed = {
        .chunk = last.chunk, .generation = last.generation, .length = last.length, .sealed = {}};
  }
  CO_TRY(co_await passFault(session_.host.timer, faultPoint("client.complete.before")));
  co_return co_await session_.namenode.complete(entry_.id, kj::mv(sealed));
}

kj::Promise<Result<SealedChunk>> WritingFile::sendChunk(SealedChunk previous) {
  const bool resumed = tail_.has_value();
  chunkBegin_ = resumed ? tail_->last.chunk.at.length : 0;
  auto opened = resumed ? pipelines_.reopen(std::exchange(tail_, std::nullopt)->last)
                        : pipelines_.openNext(kj::mv(previous));
  CO_ASSIGN(auto pipeline, co_await kj::mv(opened));
  feed_.setEncoding({.codec = entry_.codec,
                     .zstdLevel = pipelines_.zstdLevel(),
                     .frameSize = pipelines_.frameSize()});
  writer_ = kj::refcounted<ChunkWriter>(
      session_, pipelines_, progressed_,
      ChunkWriter::Start{.pipeline = kj::mv(pipeline), .length = chunkBegin_, .flushed = flushed_});
  // A writer that pauses learns of the failure, too.
  CO_ASSIGN(auto sealed, co_await sendPackets(resumed).exclusiveJoin(writer_->whenFailed()));
  sealedBytes_ += sealed.length - chunkBegin_;
  chunkBegin_ = 0;
  writer_ = nullptr;
  progressed_.notify();
  co_return kj::mv(sealed);
}

kj::Promise<Result<SealedChunk>> WritingFile::sendPackets(bool resumed) {
  format::ChunkDigest digest;
  bool ended = false;
  while (!ended && co_await feed_.more()) {
    auto packet = feed_.take();
    ended = packet.endsChunk;
    CO_ASSIGN(auto encoded, co_await rpc::caught(kj::mv(packet.encoded), "compressing"));
    // Of a chunk that was there before, the nodes know the sums of its beginning.
    if (!resumed) digest.add(encoded.digest);
    auto plainLength = encoded.plainLength;
    CO_TRY(co_await writer_->push(kj::mv(encoded)));
    feed_.release(plainLength);
  }
  CO_TRY(co_await passFault(session_.host.timer, faultPoint("client.chunk.before_finish")));
  auto md5 = resumed ? ByteVector() : static_cast<ByteVector>(digest.md5());
  co_return co_await writer_->finish(digest.plainCrc(), kj::mv(md5));
}

}  // namespace cairn::client
