// Opens the pipeline of each chunk of a file being written, and opens it again after a failure:
// carries out what the plan says (pipeline_plan.h).
// Layer: client/core.  Threads: one event loop.  One call at a time.
//
// How a chunk is resumed: the namenode promises a new generation; other nodes, where some are
// wanted, copy what the first survivor shows to readers, which is at least what was acknowledged:
// the recovery of the chunk, should its writer die, keeps what all nodes have. The nodes take their
// replicas back into writing in the new generation, cut to what was acknowledged or shown; the
// namenode takes the new generation and the nodes on record. Where a node fails on the way, all
// that is repeated without it.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <string>
#include <vector>

#include "client/core/pipeline.h"
#include "client/core/pipeline_plan.h"
#include "client/core/session.h"

namespace cairn::client {

// How far the writer is with the chunk.
struct ChunkProgress {
  std::uint64_t sent = 0;          // plain bytes that a pipeline was given
  std::uint64_t acknowledged = 0;  // of them, those that every node has
  bool flushed = false;            // the file was flushed or appended to
  bool finishing = false;          // no more bytes will come
};

class PipelineBuilder {
public:
  // `session` outlives it. `file`: as the namenode created or reopened it.
  PipelineBuilder(Session& session, Entry file);

  // Commits `previous` (chunk 0: none) and opens a pipeline for the next chunk.
  kj::Promise<Result<kj::Own<Pipeline>>> openNext(SealedChunk previous);
  // Opens the last chunk of a file again, to go on behind its end.
  kj::Promise<Result<kj::Own<Pipeline>>> reopen(NewChunk last);
  // After a failure of the pipeline last opened, which is destroyed by now. What was sent and not
  // acknowledged is to be sent again, unchanged.
  kj::Promise<Result<kj::Own<Pipeline>>> rebuild(const PipelineFailure& failure,
                                                 ChunkProgress progress);
  // Bytes of the chunk were acknowledged.
  void progressed() { plan_.progressed(); }

  // Of the chunk that was opened last; they stay when it is begun anew elsewhere.
  std::int8_t zstdLevel() const { return zstdLevel_; }
  std::uint32_t frameSize() const { return frameSize_; }
  // That chunk as the namenode has it on record.
  const LocatedChunk& recorded() const { return recorded_; }

  // How long a new node may take to copy a replica: for the first byte, and for each 8 KiB (8
  // MiB/s: a disk that is busy with other work).
  static constexpr std::uint32_t COPY_MS = 60'000;
  static constexpr std::uint64_t COPY_BYTES_PER_MS = 8192;

private:
  // A pipeline; null when a node failed, which the plan was told.
  using Attempt = kj::Promise<Result<kj::Own<Pipeline>>>;
  Attempt establish(ChunkProgress progress);
  Attempt allocate();
  Attempt resume(PipelinePlan::Step step, ChunkProgress progress);
  // Adds up to `count` nodes with a copy of what the first one shows. Best effort: the file goes on
  // with the nodes it has, and repair adds the copies later.
  kj::Promise<void> addNodes(std::vector<DatanodeAddress>& nodes, std::uint16_t count,
                             std::uint64_t acknowledged);
  kj::Promise<Result<void>> copyReplica(const DatanodeAddress& to, const DatanodeAddress& from,
                                        std::uint64_t length);
  void nodeFailed(const PipelineFailure& failure);
  PipelineRequest requestFor(LocatedChunk chunk) const;
  // What the writer's caller is told when no node is left: UNAVAILABLE, or why the last one failed
  // (DISK_FULL, IO_ERROR, ...); names each node.
  Status givenUp() const;

  Session& session_;
  const Entry file_;
  PipelinePlan plan_;
  SealedChunk previous_;   // to be committed with the next chunk
  LocatedChunk recorded_;  // chunk 0: none is open
  std::int8_t zstdLevel_ = 1;
  std::uint32_t frameSize_ = 0;
};

}  // namespace cairn::client
