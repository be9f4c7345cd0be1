// Cuts the input files of a job into splits, one per map task, near the chunks' borders.
// Layer: mapreduce plan (pure; base only).  Threads: functions on values.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"

namespace cairn::mr {

// One chunk of a file, and the datanodes that hold a replica of it.
struct ChunkPlace {
  std::uint64_t offset = 0;  // plain bytes from the file's start
  std::uint64_t length = 0;
  std::vector<NodeId> nodes;
};

struct InputFile {
  std::string path;
  std::uint64_t length = 0;
  std::uint64_t chunkBytes = 0;    // the file's chunk size; 0 = it has none (a local file)
  std::vector<ChunkPlace> chunks;  // in order; empty when their places do not matter
};

// A range of bytes of one file: the lines that begin in it are one map's input (line_blocks.h has
// the exact rule).
struct InputSplit {
  std::string path;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::uint64_t chunkBytes = 0;
  // Where the task finds the bytes on its own node; best first. Empty = nowhere in particular.
  std::vector<NodeId> nodes;

  bool operator==(const InputSplit&) const = default;
};

// Hadoop's FileInputFormat: a split is max(min, min(max, chunk)) bytes.
struct SplitRule {
  std::uint64_t minBytes = 1;  // mapreduce.input.fileinputformat.split.minsize
  std::uint64_t maxBytes = std::numeric_limits<std::uint64_t>::max();  // ...split.maxsize
};

// Splits of a job at most: each costs the tracker a few hundred bytes of state and journal.
inline constexpr std::size_t SPLITS_MAX = 100'000;
// Nodes kept per split. Hadoop: mapreduce.job.max.split.locations = 10.
inline constexpr std::size_t SPLIT_NODES_MAX = 10;
// Split size for a file without chunks; HDFS's chunk size.
inline constexpr std::uint64_t SPLIT_BYTES_DEFAULT = std::uint64_t{128} << 20;

// The splits of all files, in the files' order and each file's from front to back. They cover
// every byte once. The last split of a file may be up to 1.1 times the split size, so that no map
// starts for a tail. A file without bytes has no split (it can hold no record), so a job over
// empty files has no maps at all.
//
// A split's nodes are those that hold at least half of its bytes, most bytes first, then by id;
// when no node holds half, the ones that hold most.
//
// LIMIT_EXCEEDED for more than SPLITS_MAX splits, INVALID_ARGUMENT when minBytes > maxBytes.
Result<std::vector<InputSplit>> planSplits(const std::vector<InputFile>& files,
                                           const SplitRule& rule);

}  // namespace cairn::mr
