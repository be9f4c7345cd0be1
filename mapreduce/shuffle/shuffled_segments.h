// A reduce's share of every map's output: checks each segment as it arrives, keeps it in memory or
// on disk, and in the end gives all records as one sorted sequence. Layer: mapreduce shuffle.
// Threads: the task's. Memory: conf.shuffleMemoryBytes for segments, and 128 KiB and somewhat more
// while merging for each segment on disk, conf.mergeFanIn of them at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "mapreduce/api/engine_conf.h"
#include "mapreduce/api/task_runtime.h"
#include "mapreduce/shuffle/copy_records.h"
#include "mapreduce/shuffle/merge.h"

namespace cairn::mr {

class ShuffledSegments {
public:
  // Writes only in `directory`; its owner removes what is left there.
  ShuffledSegments(std::string directory, const EngineConf& conf);
  ~ShuffledSegments();

  // CORRUPT: the segment is not what its map wrote, or cannot be read; nothing has changed. Other
  // errors are this task's own (its disk).
  Result<void> add(FetchedSegment segment);

  // Once, after all segments: their records, those of equal keys in order of the maps' numbers. The
  // sequence uses this object's memory and files.
  Result<std::unique_ptr<MergedRecords>> merge(const Tick& tick);

  std::uint64_t segments() const { return added_; }       // empty ones, too
  std::uint64_t shuffledBytes() const { return bytes_; }  // as stored
  std::uint64_t spilledRecords() const { return spilledRecords_; }

private:
  struct Held;

  Result<Held> keep(FetchedSegment& segment);
  std::unique_ptr<SegmentCursor> cursorOf(const Held& held) const;
  // Copies checked bytes behind the spill file's others. A failed copy fails the attempt: what lies
  // in the file then is not where it should be.
  Result<Held> spill(ByteView bytes, const SegmentPlace& place);
  Result<Held> copyToSpill(int fd, const SegmentPlace& place);
  Result<void> openSpill();
  Held spilled(const SegmentPlace& place);  // the bytes stand behind the others now
  Result<void> mergeDown(const Tick& tick);

  const std::string directory_;
  const EngineConf conf_;
  std::vector<Held> held_;  // by map when merging
  UniqueFd spillFile_;
  std::uint64_t spillBytes_ = 0;
  std::uint64_t memoryBytes_ = 0;
  std::size_t descriptors_ = 0;
  std::uint64_t added_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t spilledRecords_ = 0;
  std::size_t filesMade_ = 0;
};

}  // namespace cairn::mr
