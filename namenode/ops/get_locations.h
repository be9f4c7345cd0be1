// getLocations: the chunks that cover a range of a file, and where their replicas are.
// Layer: ops.
#pragma once

#include <vector>

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"
#include "namenode/ops/replicas.h"

namespace cairn::nn {

struct ChunkPlace {
  ChunkId id;
  record::Chunk chunk;
  std::uint64_t offset = 0;  // of its first plain byte in the file
  // Where it is; of one that is being cut also where that is done; of a chunk whose end is not
  // known (commit_chunk.h): where it is being written.
  std::vector<NodeId> nodes;
  // While its end is not known: finished copies with all that is known of it (olderCopiesOf()).
  std::vector<KnownReplica> older;
};

struct FilePlaces {
  record::Dirent entry;
  std::vector<ChunkPlace> chunks;
  bool more = false;  // ask again from the end of the last chunk
};

// Replicas that one answer names at most, about: with 512 copies a chunk a page by chunks alone
// would pass the limit of a message. Some 200 bytes each.
inline constexpr std::size_t LOCATED_REPLICAS_MAX = 16'384;

// At most LIST_PAGE_MAX chunks, one at least where there is one. NOT_FOUND, IS_A_DIRECTORY,
// NOT_A_DIRECTORY, PERMISSION_DENIED (read on the file). O(log chunks of the file + chunks
// returned).
Result<FilePlaces> getLocations(const MetaView& view, const Caller& caller, const Path& path,
                                std::uint64_t offset, std::uint64_t length);

}  // namespace cairn::nn
