#include "client/core/file_layout.h"

#include <utility>

namespace cairn::client {

FileLayout::FileLayout(NamenodeClient& namenode, std::string path, LocatedFile first)
    : namenode_(namenode), path_(std::move(path)), entry_(first.entry) {
  keep(std::move(first));
}

void FileLayout::keep(LocatedFile page) {
  for (auto& chunk : page.chunks) {
    auto offset = chunk.at.offset;
    if (chunk.at.length == 0) continue;  // still being written
    chunks_[offset] = std::make_shared<const LocatedChunk>(std::move(chunk));
  }
}

FileLayout::Chunk FileLayout::known(std::uint64_t offset) const {
  auto after = chunks_.upper_bound(offset);
  if (after == chunks_.begin()) return nullptr;
  const auto& chunk = std::prev(after)->second;
  return offset - chunk->at.offset < chunk->at.length ? chunk : nullptr;
}

kj::Promise<Result<FileLayout::Chunk>> FileLayout::at(std::uint64_t offset) {
  if (auto chunk = known(offset)) co_return kj::mv(chunk);
  co_return co_await refresh(offset);
}

kj::Promise<Result<FileLayout::Chunk>> FileLayout::refresh(std::uint64_t offset) {
  CO_ASSIGN(auto page, co_await namenode_.getLocations(path_, offset, entry_.length - offset));
  if (page.entry.id != entry_.id) {
    co_return fail(Code::NOT_FOUND, path_ + " was replaced by another file while it was read");
  }
  keep(kj::mv(page));
  if (auto chunk = known(offset)) co_return kj::mv(chunk);
  co_return fail(Code::NOT_FOUND,
                 path_ + " was cut while it was read: nothing at byte " + std::to_string(offset));
}

}  // namespace cairn::client
