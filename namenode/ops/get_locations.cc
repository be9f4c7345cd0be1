#include "namenode/ops/get_locations.h"

#include <algorithm>
#include <limits>

#include "common/base/limits.h"
#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/commit_chunk.h"
#include "namenode/ops/replicas.h"
#include "namenode/ops/resolve.h"
#include "namenode/ops/xattrs.h"

namespace cairn::nn {
namespace {

Result<record::FileChunk> requireFileChunk(const MetaView& view, InodeId file,
                                           std::uint32_t index) {
  ASSIGN(auto link, findFileChunk(view, file, index));
  if (!link.has_value()) return fail(damagedRow(Table::FILE_CHUNK, fileChunkKey(file, index)));
  return std::move(*link);
}

// The last chunk that begins at or before `offset`. REQUIRES: chunk_count() > 0. Chunks may be
// shorter than the file's chunk size, so an index cannot be computed, only guessed.
Result<std::uint32_t> chunkAt(const MetaView& view, const record::Dirent& entry,
                              std::uint64_t offset) {
  const InodeId file(entry.id());
  std::uint32_t low = 0;                     // begins at or before
  std::uint32_t high = entry.chunk_count();  // begins after, or is none
  auto guess = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(offset / std::max<std::uint64_t>(entry.chunk_size(), 1), high - 1));
  while (high - low > 1) {
    guess = std::clamp(guess, low + 1, high - 1);
    ASSIGN(const auto link, requireFileChunk(view, file, guess));
    if (link.offset() <= offset) {
      low = guess;
      // A right guess is followed by a chunk that begins after.
      guess = guess + 1;
    } else {
      high = guess;
      guess = low + (high - low) / 2;
    }
  }
  return low;
}

}  // namespace

Result<FilePlaces> getLocations(const MetaView& view, const Caller& caller, const Path& path,
                                std::uint64_t offset, std::uint64_t length) {
  ASSIGN(auto at, resolveFile(view, caller, path));
  TRY(checkAccess(caller, toPathNode(*at.entry), Access::READ, path.text()));
  if (caller.superuser && at.entry->has_xattrs()) {
    ASSIGN(const bool hidden, hasXAttr(view, InodeId(at.entry->id()), XATTR_HIDES_FROM_SUPERUSER));
    if (hidden) {
      return fail(Code::PERMISSION_DENIED,
                  "Access is denied for " + caller.user +
                      " since the superuser is not allowed to perform this operation.");
    }
  }
  FilePlaces places;
  places.entry = std::move(*at.entry);
  const InodeId file(places.entry.id());
  const std::uint32_t count = places.entry.chunk_count();
  const std::uint64_t end = length > std::numeric_limits<std::uint64_t>::max() - offset
                                ? std::numeric_limits<std::uint64_t>::max()
                                : offset + length;
  if (count == 0 || end == offset) return places;
  ASSIGN(const std::uint32_t first, chunkAt(view, places.entry, offset));

  ReplicaScan replicas(view);
  const auto links =
      view.scanFrom(Table::FILE_CHUNK, fileChunkPrefix(file), fileChunkKey(file, first));
  std::size_t located = 0;
  for (; links->valid(); links->next()) {
    record::FileChunk link;
    TRY(parseRow(Table::FILE_CHUNK, links->key(), links->value(), link));
    if (link.offset() >= end) break;
    const ChunkId id(link.chunk());
    ASSIGN(auto chunk, findChunk(view, id));
    if (!chunk.has_value()) return fail(damagedRow(Table::CHUNK, chunkKey(id)));
    // What lies before the range: the last chunk of a range behind the end of the file.
    const bool written = hasKnownEnd(*chunk);
    if (written && link.offset() + chunk->length() <= offset) continue;
    if (places.chunks.size() == limits::LIST_PAGE_MAX || located >= LOCATED_REPLICAS_MAX) {
      places.more = true;
      break;
    }
    ChunkPlace& place = places.chunks.emplace_back();
    place.id = id;
    place.offset = link.offset();
    if (written) {
      ASSIGN(place.nodes, replicas.nodesOf(id));
      // Of one that is being cut: a copy that has its new generation already is not on record.
      for (const auto node : chunk->pipeline()) {
        if (std::ranges::find(place.nodes, NodeId(node)) == place.nodes.end()) {
          place.nodes.push_back(NodeId(node));
        }
      }
    } else {
      for (const auto node : chunk->pipeline()) place.nodes.push_back(NodeId(node));
      ASSIGN(place.older, olderCopiesOf(view, id, *chunk));
    }
    located += place.nodes.size();
    place.chunk = std::move(*chunk);
  }
  TRY(links->status());
  return places;
}

}  // namespace cairn::nn
