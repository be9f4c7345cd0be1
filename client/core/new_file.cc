#include "client/core/new_file.h"

#include <kj/debug.h>

#include <algorithm>
#include <cstring>

#include "client/core/fault_wait.h"
#include "common/format/chunk_digest.h"
#include "common/rpc/convert.h"

namespace cairn::client {

NewFile::NewFile(Session& session, std::string path, Entry entry)
    : session_(session),
      path_(std::move(path)),
      entry_(std::move(entry)),
      feed_(session.host.workPool, session.buffers, entry_.chunkSize,
            session.options.encodeAheadBytes),
      pipelines_(session, entry_),
      lease_(kj::heap<LeaseKeeper::Hold>(session.leases)) {}

kj::Promise<Result<MutableBytes>> NewFile::room() {
  if (outcome_) {
    if (!outcome_->has_value()) co_return fail(outcome_->error());
    co_return fail(Code::INVALID_ARGUMENT, path_ + " is closed");
  }
  auto room = co_await feed_.room();
  // The feed is only stopped by a failure.
  if (room.empty()) co_return fail(outcome_->error());
  co_return room;
}

void NewFile::fill(std::size_t bytes) {
  if (outcome_) return;
  feed_.fill(bytes);
  if (bytes > 0) startSending();
}

kj::Promise<Result<void>> NewFile::write(ByteView bytes) {
  while (!bytes.empty()) {
    CO_ASSIGN(auto to, co_await room());
    auto size = std::min(to.size(), bytes.size());
    std::memcpy(to.data(), bytes.data(), size);
    fill(size);
    bytes = bytes.subspan(size);
  }
  co_return Result<void>();
}

kj::Promise<Result<Entry>> NewFile::close() {
  if (!outcome_) {
    feed_.end();
    startSending();
    co_await KJ_ASSERT_NONNULL(sending_).addBranch();
  }
  co_return *outcome_;
}

void NewFile::abandon() {
  sending_ = nullptr;
  writer_ = nullptr;
  settle(fail(Code::CANCELLED, path_ + " was abandoned by its writer"));
}

std::uint64_t NewFile::acknowledged() const {
  return sealedBytes_ + (writer_ == nullptr ? 0 : writer_->acknowledged());
}

void NewFile::startSending() {
  if (sending_ != nullptr) return;
  auto sent = send().catch_(
      [](kj::Exception&& e) -> Result<Entry> { return fail(rpc::fromException(e, "writing")); });
  sending_ = sent.then([this](Result<Entry> outcome) { settle(kj::mv(outcome)); }).fork();
}

void NewFile::settle(Result<Entry> outcome) {
  if (outcome_) return;
  if (!outcome.has_value()) outcome = fail(outcome.error().withContext(path_));
  outcome_ = kj::mv(outcome);
  feed_.stop();
  writer_ = nullptr;
  lease_ = nullptr;
}

kj::Promise<Result<Entry>> NewFile::send() {
  SealedChunk sealed;
  while (co_await feed_.begun()) {
    CO_ASSIGN(sealed, co_await sendChunk(kj::mv(sealed)));
  }
  CO_TRY(co_await passFault(session_.host.timer, faultPoint("client.complete.before")));
  co_return co_await session_.namenode.complete(entry_.id, kj::mv(sealed));
}

kj::Promise<Result<SealedChunk>> NewFile::sendChunk(SealedChunk previous) {
  CO_ASSIGN(auto opened, co_await pipelines_.open(kj::mv(previous)));
  feed_.setEncoding(
      {.codec = entry_.codec, .zstdLevel = opened.zstdLevel, .frameSize = opened.frameSize});
  writer_ = kj::mv(opened.writer);
  format::ChunkDigest digest;
  bool ended = false;
  while (!ended && co_await feed_.more()) {
    auto packet = feed_.take();
    ended = packet.endsChunk;
    CO_ASSIGN(auto encoded, co_await rpc::caught(kj::mv(packet.encoded), "compressing"));
    digest.add(encoded.digest);
    auto plainLength = encoded.plainLength;
    CO_TRY(co_await writer_->push(kj::mv(encoded)));
    feed_.release(plainLength);
  }
  CO_TRY(co_await passFault(session_.host.timer, faultPoint("client.chunk.before_finish")));
  CO_ASSIGN(auto sealed, co_await writer_->finish(digest.plainCrc(), digest.md5()));
  sealedBytes_ += sealed.length;
  writer_ = nullptr;
  co_return kj::mv(sealed);
}

}  // namespace cairn::client
