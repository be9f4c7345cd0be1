// FileWriter's implementation: takes packets from the feed, sends them chunk by chunk, completes
// the file.
// Layer: client/core.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <optional>
#include <string>

#include "client/core/chunk_writer.h"
#include "client/core/file_writer.h"
#include "client/core/packet_feed.h"
#include "client/core/pipeline_builder.h"
#include "client/core/session.h"
#include "client/core/signal.h"

namespace cairn::client {

class WritingFile final : public FileWriter {
public:
  // Where an append goes on.
  struct Tail {
    NewChunk last;                // the last chunk, which has room
    std::uint32_t nextFrame = 0;  // number of the frame that follows its last
  };
  // `session` outlives it. `entry`: as the namenode created or reopened it; `tail`: reopened, with
  // a last chunk to be filled up.
  WritingFile(Session& session, std::string path, Entry entry, std::optional<Tail> tail);

  kj::Promise<Result<MutableBytes>> room() override;
  kj::Promise<Result<MutableBytes>> roomBehind() override;
  void fill(std::size_t bytes) override;
  kj::Promise<Result<void>> write(ByteView bytes) override;
  kj::Promise<Result<void>> flush(FlushTo to) override;
  kj::Promise<Result<Entry>> close() override;
  void abandon() override;
  std::uint64_t position() const override { return begin_ + feed_.position(); }
  std::uint64_t acknowledged() const override;

private:
  // Sends the whole file, beside the calls that bring its bytes; `outcome_` holds how it went.
  void startSending();
  kj::Promise<Result<Entry>> send();
  // One chunk, from its pipeline's opening to its sealing.
  kj::Promise<Result<SealedChunk>> sendChunk(SealedChunk previous);
  // Its packets as they come, and the end. `resumed`: the chunk was there before.
  kj::Promise<Result<SealedChunk>> sendPackets(bool resumed);
  kj::Promise<Result<void>> syncChunk();
  // INVALID_ARGUMENT once closed, the error once failed.
  Result<void> checkOpen() const;
  void settle(Result<Entry> outcome);

  Session& session_;
  const std::string path_;
  const Entry entry_;
  const std::uint64_t begin_;  // offset in the file of the first byte written here
  std::optional<Tail> tail_;   // until its chunk is open
  PacketFeed feed_;
  PipelineBuilder pipelines_;
  kj::Maybe<kj::Own<LeaseKeeper::Hold>> lease_;
  bool flushed_ = false;
  Signal progressed_;              // an acknowledgement, or the end
  std::uint64_t sealedBytes_ = 0;  // plain bytes written here, of finished chunks
  std::uint64_t chunkBegin_ = 0;   // plain bytes that were in the open chunk before
  kj::Own<ChunkWriter> writer_;    // of the chunk being written, or null
  std::optional<Result<Entry>> outcome_;
  kj::Maybe<kj::ForkedPromise<void>> sending_;
};

}  // namespace cairn::client
