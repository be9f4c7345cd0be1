// What the engine itself reads from a job's configuration, checked once when a job is submitted and
// once when a task starts: a value that makes no sense is an error, not a default.
// Layer: mapreduce api (base only).  Threads: a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "cairn/mr/conf.h"
#include "common/base/result.h"

namespace cairn::mr {

// How segments of map output are stored. The numbers stand in map output files (FORMAT.md).
enum class Compression : std::uint8_t { NONE = 0, ZSTD = 1 };

struct EngineConf {
  // mapreduce.task.io.sort.mb, 1 to 2047 (Hadoop's limit): records and index of a map's output
  // in memory. Hadoop's default.
  std::size_t sortBufferBytes = std::size_t{100} << 20;
  // mapreduce.task.io.sort.factor, 2 to 4096: runs merged at once. Hadoop has 10, from the days of
  // disk seeks; a run costs 128 KiB of memory here.
  std::uint32_t mergeFanIn = 256;
  // mapreduce.map.output.compress, mapreduce.map.output.compress.codec: "zstd", or a Java class
  // name that ends in ZStandardCodec.
  Compression mapOutputCompression = Compression::NONE;
  // mapreduce.reduce.memory.totalbytes: segments kept in memory by a reduce; the others wait on
  // disk.
  std::size_t shuffleMemoryBytes = std::size_t{256} << 20;
  // mapreduce.input.linerecordreader.line.maxlength: a longer line fails the map (Hadoop skips it
  // silently).
  std::size_t lineBytesMax = std::size_t{1} << 30;
  // mapreduce.output.textoutputformat.separator.
  std::string separator = "\t";

  // INVALID_ARGUMENT that names the key. Checked, too, is what the task tracker reads for itself:
  // mapreduce.task.timeout (ms), mapreduce.map.memory.mb and mapreduce.reduce.memory.mb.
  static Result<EngineConf> from(const JobConf& conf);
};

// mapreduce.job.reduces at most: each partition costs every map output 40 bytes of index, and the
// job tracker about 60.
inline constexpr std::uint32_t REDUCES_MAX = 10'000;

}  // namespace cairn::mr
