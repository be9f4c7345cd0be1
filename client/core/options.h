// How a FileSystem behaves. main() or the library fills it; nothing below reads an environment.
// Layer: client/core.  A value.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "cairn/options.h"
#include "common/base/ids.h"
#include "common/base/limits.h"
#include "common/rpc/retry.h"

namespace cairn::client {

struct Options {
  std::string namenode = "127.0.0.1:8020";
  ClusterId cluster;         // nil: any; else WRONG_CLUSTER of servers that belong to another
  std::string user;          // the principal
  std::string machine;       // boot id of this host; "": unknown, so no replica counts as local
  NodeId localNode;          // the datanode next to the caller, if it knows: a task tracker's
  bool shortCircuit = true;  // read local replicas by descriptor

  rpc::RetryPolicy retry;  // of calls to the namenode
  std::function<void(const RetryNotice&)> onRetry;

  // Deadlines of single calls, ms. A namenode's answer waits for one fsync, rarely for more.
  std::uint32_t namenodeCallMs = 15'000;
  // Connecting to a datanode and asking for bytes. A reader has other replicas: it need not wait
  // the 60 s of HDFS's dfs.client.socket-timeout.
  std::uint32_t datanodeReadMs = 15'000;
  // A reader that waits so long for a datanode asks another one, too, and takes the answer that
  // comes first (HDFS: dfs.client.hedged.read.threshold.millis = 500, off by default). 0: never.
  std::uint32_t hedgeAfterMs = 500;
  // Opening a pipeline, from connecting to its first node to the answer of its last. A writer has
  // other nodes to try.
  std::uint32_t pipelineOpenMs = 15'000;
  // A push, a sync, a finish: disks may stall for long. HDFS's 60 s.
  std::uint32_t datanodeWriteMs = 60'000;

  // Decoded frames kept for small positional reads of replicas on this machine, by all files
  // together; plain bytes.
  std::uint64_t frameCacheBytes = 32_MiB;

  // Stored bytes sent and not yet acknowledged by the whole pipeline.
  std::uint64_t writeWindowBytes = limits::WRITE_WINDOW_BYTES;
  // Plain bytes taken from the writer and not sent yet: room to go on compressing while one chunk
  // is sealed and the pipeline of the next is opened (32 MiB: 70 ms at 450 MB/s).
  std::uint64_t encodeAheadBytes = 32_MiB;
};

}  // namespace cairn::client
