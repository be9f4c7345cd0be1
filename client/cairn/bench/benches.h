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
  std::uint64_t bytes = 1ull << 30;  // of text or noise; io and mr
  std::uint32_t rounds = 3;          // the medians of so many count
  std::uint64_t calls = UINT64_MAX;  // of each kind, at most; rpc and nn
  std::uint32_t clients = 1;         // connections; nn
  std::uint32_t depth = 64;          // calls in flight on each; nn
  std::uint64_t files = 1'000'000;   // scale
  std::uint32_t replicas = 0;        // io; 0: what is usual there
  bool noise = false;                // bytes that do not compress; io
  std::uint32_t threads = 16;        // that read; io with pread
  std::uint32_t seconds = 2;         // that they read for one figure of a round; io with pread
  bool pread = false;                // positional reads; io
  std::string textFile;              // "": made from the machine's documents
};

// Empty calls and large answers over loopback.
Result<BenchReport> benchRpc(const BenchOptions& options);
// A namenode in this process, over loopback.
Result<BenchReport> benchNamenode(const config::Settings& settings, const BenchOptions& options);
// A namenode with many files, as a process.
Result<BenchReport> benchScale(const config::Settings& settings, const BenchOptions& options);
// put and get of a cluster of three datanodes, or as many as there are to be replicas, against zstd
// and dd, as processes.
Result<BenchReport> benchIo(const BenchOptions& options);
// Positional reads of 4 KiB through the library, from a cluster of as many datanodes as there are
// to be replicas.
Result<BenchReport> benchPread(const BenchOptions& options);
// Word count against mawk, and what an empty job takes, as processes.
Result<BenchReport> benchMapReduce(const BenchOptions& options);

}  // namespace cairn::app
