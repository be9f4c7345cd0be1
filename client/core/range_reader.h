// Reads plain bytes of one chunk from whichever replica serves them.
// Layer: client/core.  Threads: one event loop; decoding on the work pool.
#pragma once

#include <kj/async.h>

#include <set>
#include <string>
#include <vector>

#include "client/core/file_layout.h"
#include "client/core/local_reads.h"
#include "client/core/session.h"
#include "common/base/bytes.h"

namespace cairn::client {

class RangeReader {
public:
  // All outlive it. `local` learns which replicas can be read past the loop.
  RangeReader(Session& session, FileLayout& layout, LocalReads& local)
      : session_(session), layout_(layout), local_(local) {}
  KJ_DISALLOW_COPY(RangeReader);

  // Fills `to` with the chunk's plain bytes from `offset` (in the chunk) on. Any number at once.
  // Tries every replica, then asks the namenode for their places again, READ_ROUNDS_MAX times in
  // all. A replica that does not answer for Options::hedgeAfterMs gets company: another one is
  // asked for the same, and the first good answer counts. What no replica has whole is put together
  // of the good parts of all. CORRUPT when damage is all that is left, else UNAVAILABLE, naming
  // each replica's failure. NOT_FOUND when the file is gone, replaced, or cut within the range.
  // REQUIRES: the range lies within the chunk; `to` stays until the promise settles or is dropped.
  kj::Promise<Result<void>> read(FileLayout::Chunk chunk, std::uint64_t offset, MutableBytes to);

  // HDFS: dfs.client.max.block.acquire.failures = 3.
  static constexpr unsigned READ_ROUNDS_MAX = 3;
  // Pause before round n: n times this, with jitter. None before the second where the replicas only
  // turned out to be elsewhere, or of another generation, and none where all are damaged: then
  // there is another round only for replicas that have come meanwhile.
  static constexpr std::uint32_t ROUND_PAUSE_MS = 500;

private:
  struct Failure {
    DatanodeAddress replica;
    Status status;
  };
  // What the replicas asked have answered: failures, and perhaps a good answer behind them.
  struct Answers {
    std::vector<Failure> failures;
    std::size_t got = 0;  // bytes filled; 0: none answered well
    std::uint32_t from = 0;
  };
  // Whether the replicas tried are only not where, or what, the reader took them for. `failures`:
  // the last of each.
  static bool onlyMoved(const std::vector<Failure>& failures, const std::set<std::uint32_t>& tried);
  // Whether all that were tried have answered that their bytes are damaged: the same bytes will be
  // no better in a while.
  static bool onlyDamaged(const std::vector<Failure>& failures,
                          const std::set<std::uint32_t>& tried);
  // Takes those out of `tried` that have bytes which are not what was written: other bytes of
  // theirs may be. Whether there were any. Who did not answer stays.
  static bool forgetDamaged(const std::vector<Failure>& failures, std::set<std::uint32_t>& tried);
  // Asks `first`, and another one beside it if that takes long.
  kj::Promise<Answers> ask(FileLayout::Chunk chunk, DatanodeAddress first,
                           const std::set<std::uint32_t>& tried, std::uint64_t offset,
                           MutableBytes to);
  kj::Promise<Result<std::size_t>> readReplica(const LocatedChunk& chunk,
                                               const DatanodeAddress& replica, std::uint64_t offset,
                                               MutableBytes to);
  // Tells local_ of a replica that was just read by its descriptor.
  void offer(const ChunkLocation& chunk, const DatanodeAddress& replica);
  const DatanodeAddress* choose(const LocatedChunk& chunk, const std::set<std::uint32_t>& tried);
  void note(const LocatedChunk& chunk, const Failure& failure);
  Status allFailed(const LocatedChunk& chunk, const std::vector<Failure>& failures) const;

  Session& session_;
  FileLayout& layout_;
  LocalReads& local_;
  std::set<std::pair<std::uint64_t, std::uint32_t>> bad_;  // chunk, node: damaged, old or gone
};

}  // namespace cairn::client
