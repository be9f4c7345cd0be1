#include "namenode/ops/open_chunk.h"

namespace cairn::nn {

Result<OpenChunk> requireOpenChunk(const MetaView& view, const Caller& caller, InodeId file,
                                   ChunkId chunk) {
  ASSIGN(auto placed, requireOpenFile(view, caller, file));
  const auto name = "chunk " + std::to_string(chunk.value);
  if (placed.entry.chunk_count() == 0) {
    return fail(Code::NOT_FOUND, name + " is not of this file, which has none");
  }
  ASSIGN(auto last, lastChunkOf(view, placed));
  if (last.id != chunk) {
    return fail(Code::NOT_FOUND,
                name + " is not the file's last, which is " + std::to_string(last.id.value));
  }
  if (last.chunk.state() == record::CHUNK_COMMITTED) {
    return fail(Code::INVALID_ARGUMENT, name + " is committed: it is not being written");
  }
  return OpenChunk{std::move(placed), std::move(last)};
}

bool raiseKnownLength(OpenChunk& open, std::uint64_t length) {
  const std::uint64_t known = open.last.chunk.length();
  if (length <= known) return false;
  open.last.chunk.set_length(length);
  open.file.entry.set_length(open.file.entry.length() + length - known);
  return true;
}

}  // namespace cairn::nn
