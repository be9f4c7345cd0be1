// What every namespace operation is given besides its request, and what it gives back.
// Layer: ops.  An operation is a synchronous function of a Draft, a Context and a request: it reads
// and changes the namespace through the draft only, and knows no disk, clock, thread or network.
// On an error the caller drops the draft, so nothing has happened.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/base/limits.h"
#include "common/base/result.h"
#include "common/base/units.h"
#include "common/schema/namenode.pb.h"
#include "namenode/lease/lease_book.h"
#include "namenode/meta/draft.h"
#include "namenode/meta/id_allocator.h"

namespace cairn::nn {

// Who calls.
struct Caller {
  std::string user;
  std::vector<std::string> groups;
  bool superuser = false;  // the namenode's own user, or a member of the supergroup
  ClientId client;         // holder of leases
};

// What the operator has set.
struct Settings {
  std::string superuser;
  std::string supergroup = "supergroup";
  std::uint16_t replication = 3;
  std::uint64_t chunkSize = limits::CHUNK_SIZE_DEFAULT;
  std::uint64_t chunkSizeMin = limits::CHUNK_SIZE_MIN;
  std::uint32_t frameSize = limits::FRAME_SIZE_DEFAULT;
  record::Codec codec = record::CODEC_ZSTD;
  std::int32_t zstdLevel = 1;
  std::uint64_t directoryChildrenMax = limits::DIRECTORY_CHILDREN_MAX;
};

struct Context {
  const Caller& caller;
  UnixMillis nowMs = 0;      // for time stamps
  std::int64_t awakeMs = 0;  // for lease limits, and who is silent
  const Settings& settings;
  IdAllocator& ids;
  const LeaseBook& leases;
  // Set by an operation that failed because of a lease whose holder has been silent for longer
  // than the soft limit: release this file (release_lease.h), then try again.
  std::optional<InodeId> closeFirst;
};

// A copy that has to go from a datanode's disk.
struct ReplicaDelete {
  NodeId node;
  ChunkId chunk;
  GenerationStamp generation;

  bool operator==(const ReplicaDelete&) const = default;
};

struct Outcome {
  record::Answer answer;
  // To be ordered once the changes are durable.
  std::vector<ReplicaDelete> deletes;
  // Committed with fewer copies than wanted: to be looked at once that is durable.
  std::vector<ChunkId> shortChunks;
  // The file has another number of wanted copies than before: its chunks are to be looked at.
  std::optional<InodeId> otherReplication;

  bool hasEffects() const {
    return !deletes.empty() || !shortChunks.empty() || otherReplication.has_value();
  }
};

}  // namespace cairn::nn
