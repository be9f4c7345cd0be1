// Brings a reduce its partition of every map's output: learns where the outputs are as they appear,
// takes descriptors of those on this host, fetches the others, several at a time and within a
// bound of memory, and reports what it cannot get so that those maps run again.
// Layer: mapreduce/task.  Threads: the task's event loop.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "common/async/coroutine.h"
#include "common/base/result.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/host.h"
#include "common/schema/task.capnp.h"
#include "mapreduce/api/task_runtime.h"

namespace cairn::mr {

struct FetchLimits {
  std::size_t atOnce = 5;                  // Hadoop mapreduce.reduce.shuffle.parallelcopies
  std::uint64_t aheadBytesMax = 64 << 20;  // fetched and not taken yet
  std::size_t aheadSegmentsMax = 128;      // the same; one of this host costs a descriptor
  std::uint32_t piecesInFlight = 4;        // of one output, each SHUFFLE_PIECE_BYTES
  // Before another try of an output whose tracker does not answer; doubles, up to the ceiling.
  std::uint32_t retryMs = 500;
  std::uint32_t retryCeilingMs = 10'000;
};

class SegmentFetcher final : private kj::TaskSet::ErrorHandler {
public:
  // `host` outlives it. `machine`: of this process; outputs elsewhere are fetched by RPC.
  SegmentFetcher(rpc::Host& host, wire::TaskHost::Client taskHost, JobId job, std::uint32_t maps,
                 std::string machine, rpc::ClientHello hello, FetchLimits limits = {});
  ~SegmentFetcher() noexcept(false);
  KJ_DISALLOW_COPY(SegmentFetcher);

  // The next segment; nothing once every map has been delivered. One call at a time.
  kj::Promise<Result<std::optional<FetchedSegment>>> next();
  // A delivered segment is damaged: it will be delivered again, from another attempt of the map.
  kj::Promise<Result<void>> reject(std::uint32_t map, std::uint32_t attempt, Status why);

private:
  enum class Phase : std::uint8_t { UNKNOWN, WAITING, FETCHING, READY, DELIVERED };
  struct Location {
    std::uint32_t attempt = 0;
    bool available = false;
    std::string address;
    std::string machine;
    std::string directory;
    SegmentPlace place;
  };
  struct Map {
    Phase phase = Phase::UNKNOWN;
    Location at;                            // as the job tracker last said
    std::optional<std::uint32_t> rejected;  // an attempt that is not to be taken again
    std::uint32_t failures = 0;
  };

  void taskFailed(kj::Exception&& exception) override;
  // Follows the job tracker's list.
  kj::Promise<void> follow();
  void learn(wire::MapOutput::Reader output);
  void pump();
  kj::Promise<void> fetch(std::uint32_t map);
  kj::Promise<Result<FetchedSegment>> fetchHere(std::uint32_t map, Location at);
  kj::Promise<Result<FetchedSegment>> fetchThere(std::uint32_t map, Location at);
  kj::Promise<void> lost(std::uint32_t map, std::uint32_t attempt, Status why);
  void giveUp(Status why);
  void wake();

  rpc::Host& host_;
  wire::TaskHost::Client taskHost_;
  const JobId job_;
  const std::string machine_;
  const FetchLimits limits_;
  rpc::ClientPool pool_;
  std::map<std::uint32_t, Map> maps_;
  const std::uint32_t total_;
  std::uint32_t delivered_ = 0;
  std::deque<std::uint32_t> waiting_;
  std::deque<FetchedSegment> ready_;
  std::uint64_t aheadBytes_ = 0;  // ready and being fetched
  std::size_t fetching_ = 0;
  std::optional<Status> failure_;
  kj::Own<kj::PromiseFulfiller<void>> wake_;
  kj::TaskSet tasks_;
};

}  // namespace cairn::mr
