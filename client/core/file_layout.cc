#include "client/core/file_layout.h"

#include <algorithm>
#include <utility>

#include "client/core/race.h"
#include "client/core/visible_length.h"

namespace cairn::client {

FileLayout::FileLayout(Session& session, std::string path, LocatedFile first)
    : session_(session), path_(std::move(path)), entry_(first.entry), length_(entry_.length) {
  keep(std::move(first));
}

void FileLayout::keep(LocatedFile page) {
  entry_ = std::move(page.entry);
  for (auto& chunk : page.chunks) {
    const auto offset = chunk.at.offset;
    if (!chunk.at.complete) {
      const auto before = chunks_.find(offset);
      const bool same = before != chunks_.end() && before->second->at.chunk == chunk.at.chunk;
      unfinishedLeast_ = chunk.at.length;
      chunk.at.length = same ? before->second->at.length : 0;
      unfinished_ = chunk;
    } else if (unfinished_ && unfinished_->at.offset <= offset) {
      unfinished_.reset();
    }
    if (chunk.at.length > 0) {
      chunks_[offset] = std::make_shared<const LocatedChunk>(std::move(chunk));
    }
  }
  if (!entry_.underConstruction) unfinished_.reset();
  length_ = unfinished_ ? unfinished_->at.offset + unfinished_->at.length : entry_.length;
}

kj::Promise<Result<LocatedFile>> FileLayout::fetch(std::uint64_t offset, std::uint64_t length) {
  CO_ASSIGN(auto page, co_await session_.namenode.getLocations(path_, offset, length));
  if (page.entry.id != entry_.id) {
    co_return fail(Code::NOT_FOUND, path_ + " was replaced by another file while it was read");
  }
  co_return kj::mv(page);
}

kj::Promise<Result<std::uint64_t>> FileLayout::askNodes(const LocatedChunk& chunk) {
  Race<std::uint64_t> race;
  for (const auto& node : chunk.at.replicas) race.add(visibleLengthAt(session_, chunk, node));
  std::string failures;
  bool none = true;
  std::optional<std::uint64_t> most;
  while (race.left() > 0) {
    auto next =
        most ? co_await race.nextWithin(session_.host.timer, STRAGGLERS_MS) : co_await race.next();
    if (!next) break;
    auto& answer = *next;
    if (answer.result.has_value()) {
      most = std::max(most.value_or(0), *answer.result);
      continue;
    }
    if (answer.result.error().code() != Code::NOT_FOUND) none = false;
    failures += (failures.empty() ? "" : "; ") + describe(chunk.at.replicas[answer.runner]) + ": " +
                answer.result.error().message();
  }
  if (most) co_return *most;
  // The writer has not reached any of them yet.
  if (none) co_return std::uint64_t{0};
  co_return fail(
      Code::UNAVAILABLE,
      "how long " + path_ + ", which is being written, is cannot be found out: " + failures);
}

kj::Promise<Result<void>> FileLayout::measure() {
  if (entry_.underConstruction && !unfinished_) {
    // It may lie behind the page; in front of it all chunks are finished.
    CO_ASSIGN(auto end, co_await fetch(entry_.length, UINT64_MAX - entry_.length));
    keep(kj::mv(end));
  }
  for (unsigned look = 1; unfinished_; ++look) {
    const auto chunk = *unfinished_;
    auto visible = co_await askNodes(chunk);
    if (visible.has_value()) {
      auto measured = chunk;
      // Where no node shows what is known to be there, reading it fails: a file that seemed to end
      // before would be taken for whole.
      measured.at.length = std::max({measured.at.length, *visible, unfinishedLeast_});
      length_ = measured.at.offset + measured.at.length;
      unfinished_ = measured;
      if (measured.at.length > 0) {
        chunks_[measured.at.offset] = std::make_shared<const LocatedChunk>(kj::mv(measured));
      }
      break;
    }
    if (look == LOOKS_MAX) co_return fail(kj::mv(visible).error());
    co_await session_.host.timer.afterDelay(LOOK_PAUSE_MS * kj::MILLISECONDS);
    CO_ASSIGN(auto page, co_await fetch(chunk.at.offset, UINT64_MAX - chunk.at.offset));
    keep(kj::mv(page));
  }
  co_return Result<void>();
}

kj::Promise<Result<void>> FileLayout::update() {
  // What is finished stays as it is, but for its last chunk: the file may have been cut.
  const auto from = chunks_.empty() ? 0 : chunks_.rbegin()->first;
  CO_ASSIGN(auto page, co_await fetch(from, UINT64_MAX - from));
  keep(kj::mv(page));
  CO_TRY(co_await measure());
  chunks_.erase(chunks_.lower_bound(length_), chunks_.end());
  co_return Result<void>();
}

FileLayout::Chunk FileLayout::known(std::uint64_t offset) const {
  auto after = chunks_.upper_bound(offset);
  if (after == chunks_.begin()) return nullptr;
  const auto& chunk = std::prev(after)->second;
  return offset - chunk->at.offset < chunk->at.length ? chunk : nullptr;
}

kj::Promise<Result<FileLayout::Chunk>> FileLayout::at(std::uint64_t offset) {
  if (auto chunk = known(offset)) co_return kj::mv(chunk);
  co_return co_await relocate(offset);
}

kj::Promise<Result<FileLayout::Chunk>> FileLayout::relocate(std::uint64_t offset) {
  const auto visible = length_;
  CO_ASSIGN(auto page, co_await fetch(offset, visible > offset ? visible - offset : 1));
  keep(kj::mv(page));
  length_ = visible;  // only update() changes it
  if (auto chunk = known(offset)) co_return kj::mv(chunk);
  co_return fail(Code::NOT_FOUND,
                 path_ + " was cut while it was read: nothing at byte " + std::to_string(offset));
}

}  // namespace cairn::client
