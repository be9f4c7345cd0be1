// The benchmarks of `cairn bench`.
// Layer: client/cairn.  Threads: the main thread; they block until done.
#pragma once

#include <cstdint>
#include <string>

#include "client/cairn/bench/report.h"
#include "common/base/result.h"
#include "common/config/settings.h"

namespace cairn::app {

struct BenchOptions {
  std::uint64_t bytes = 1ull << 30;  // of text; io and mr
  std::uint32_t rounds = 3;          // the medians of so many count
  std::uint32_t clients = 1;         // connections; nn
  std::uint32_t depth = 64;          // calls in flight on each; nn
  std::uint64_t files = 1'000'000;   // scale
  std::uint32_t threads = 16;        // that read; io with pread
  bool pread = false;                // positional reads; io
  std::string textFile;              // "": made from the machine's documents
};

// Empty calls and large answers over loopback.
Result<BenchReport> benchRpc(const BenchOptions& options);
// A namenode in this process, over loopback.
Result<BenchReport> benchNamenode(const config::Settings& settings, const BenchOptions& options);
// A namenode with many files, as a process.
Result<BenchReport> benchScale(const config::Settings& settings, const BenchOptions& options);
// put and get of a cluster of three datanodes against zstd and dd, as processes.
Result<BenchReport> benchIo(const BenchOptions& options);
// Positional reads of 4 KiB through the library, from a cluster of one datanode.
Result<BenchReport> benchPread(const BenchOptions& options);
// Word count against mawk, and what an empty job takes, as processes.
Result<BenchReport> benchMapReduce(const BenchOptions& options);

}  // namespace cairn::app
