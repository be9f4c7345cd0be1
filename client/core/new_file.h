// FileWriter's implementation: takes packets from the feed, sends them chunk by chunk, completes
// the file.
// Layer: client/core.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <optional>
#include <string>

#include "client/core/file_writer.h"
#include "client/core/packet_feed.h"
#include "client/core/pipeline_opener.h"
#include "client/core/session.h"

namespace cairn::client {

class NewFile final : public FileWriter {
public:
  // `session` outlives it. `entry`: as the namenode created it.
  NewFile(Session& session, std::string path, Entry entry);

  kj::Promise<Result<MutableBytes>> room() override;
  void fill(std::size_t bytes) override;
  kj::Promise<Result<void>> write(ByteView bytes) override;
  kj::Promise<Result<Entry>> close() override;
  void abandon() override;
  std::uint64_t position() const override { return feed_.position(); }
  std::uint64_t acknowledged() const override;

private:
  // Sends the whole file, beside the calls that bring its bytes; `outcome_` holds how it went.
  void startSending();
  kj::Promise<Result<Entry>> send();
  // One chunk, from its pipeline's opening to its sealing.
  kj::Promise<Result<SealedChunk>> sendChunk(SealedChunk previous);
  void settle(Result<Entry> outcome);

  Session& session_;
  const std::string path_;
  const Entry entry_;
  PacketFeed feed_;
  PipelineOpener pipelines_;
  kj::Maybe<kj::Own<LeaseKeeper::Hold>> lease_;
  std::uint64_t sealedBytes_ = 0;  // plain bytes of finished chunks
  kj::Own<ChunkWriter> writer_;    // of the chunk being written, or null
  std::optional<Result<Entry>> outcome_;
  kj::Maybe<kj::ForkedPromise<void>> sending_;
};

}  // namespace cairn::client
