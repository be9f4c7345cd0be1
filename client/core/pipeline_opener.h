// Gets the next chunk of a file from the namenode and opens its pipeline; a node that cannot be
// reached is left out of the next try.
// Layer: client/core.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <vector>

#include "client/core/chunk_writer.h"
#include "client/core/session.h"

namespace cairn::client {

struct OpenedChunk {
  kj::Own<ChunkWriter> writer;
  std::int8_t zstdLevel = 1;
  std::uint32_t frameSize = 0;
};

class PipelineOpener {
public:
  // `session` outlives it. `file`: as the namenode created it.
  PipelineOpener(Session& session, Entry file) : session_(session), file_(std::move(file)) {}

  // Commits `previous` (chunk 0: none) and opens the next chunk. After a failure to open, the chunk
  // is given back and another asked for without the node that failed, PIPELINE_TRIES_MAX times in
  // all; nodes stay left out for the rest of the file. Errors name each node that failed.
  kj::Promise<Result<OpenedChunk>> open(SealedChunk previous);

  // HDFS: dfs.client.block.write.retries = 3, and the first try.
  static constexpr unsigned PIPELINE_TRIES_MAX = 4;

private:
  Session& session_;
  const Entry file_;
  std::vector<std::uint32_t> excluded_;
};

}  // namespace cairn::client
