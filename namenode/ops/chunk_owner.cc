#include "namenode/ops/chunk_owner.h"

#include "namenode/meta/records.h"
#include "namenode/ops/open_file.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {

Result<ChunkOwner> chunkOwner(const MetaView& view, const Caller& caller, ChunkId chunk) {
  const auto ownerless = [&]() {
    return fail(Code::NOT_FOUND, "no file has chunk " + std::to_string(chunk.value));
  };
  ASSIGN(const auto row, findChunk(view, chunk));
  if (!row.has_value()) return ownerless();
  const InodeId inode(row->inode());
  ASSIGN(const auto file, findReachableFile(view, inode));
  if (!file.has_value()) return ownerless();
  ASSIGN(const auto link, findFileChunk(view, inode, row->index()));
  if (!link.has_value() || link->chunk() != chunk.value) return ownerless();
  const auto name = describeInode(view, inode);
  if (!name.starts_with('/')) {
    return fail(Code::LIMIT_EXCEEDED, "the path of " + name + " is beyond the limits");
  }
  ASSIGN(const auto path, Path::parse(name));
  TRY(resolveFile(view, caller, path));
  return ChunkOwner{.path = path.text(), .offset = link->offset()};
}

}  // namespace cairn::nn
