#include "namenode/repair/repair_book.h"

#include <algorithm>
#include <iterator>

namespace cairn::nn {

void RepairBook::review(ChunkId chunk, RepairNeed need) {
  if (const auto later = later_.find(chunk); later != later_.end()) {
    // That something may be the matter is known already.
    if (need < RepairNeed::UNSURE) later->second.need = std::min(later->second.need, need);
    return;
  }
  const auto known = needs_.find(chunk);
  if (known != needs_.end()) {
    if (known->second <= need) return;
    waiting_.erase({known->second, chunk});
    known->second = need;
  } else {
    if (needs_.size() >= CHUNKS_MAX) {
      const auto least = std::prev(waiting_.end());
      if (least->first <= need) return;
      needs_.erase(least->second);
      waiting_.erase(least);
    }
    needs_.emplace(chunk, need);
  }
  waiting_.emplace(need, chunk);
}

void RepairBook::reviewLater(ChunkId chunk, RepairNeed need, std::int64_t nowMs,
                             std::int64_t delayMs) {
  if (later_.size() >= CHUNKS_MAX || needs_.contains(chunk)) return;
  const auto [it, isNew] = later_.try_emplace(chunk, Later{nowMs + delayMs, need});
  if (isNew) due_.emplace(it->second.dueMs, chunk);
}

void RepairBook::reviewFile(InodeId file) {
  if (files_.size() < FILES_MAX && (files_.empty() || files_.back().file != file)) {
    files_.push_back({.file = file});
  }
}

void RepairBook::takeDue(std::int64_t nowMs) {
  while (!due_.empty() && due_.begin()->first <= nowMs) {
    const ChunkId chunk = due_.begin()->second;
    due_.erase(due_.begin());
    const auto it = later_.find(chunk);
    const RepairNeed need = it->second.need;
    later_.erase(it);
    review(chunk, need);
  }
}

std::optional<std::pair<ChunkId, RepairNeed>> RepairBook::next(std::int64_t nowMs,
                                                               bool enoughCopies) {
  takeDue(nowMs);
  const auto first =
      enoughCopies ? waiting_.lower_bound({RepairNeed::UNSURE, ChunkId()}) : waiting_.begin();
  if (first == waiting_.end()) return std::nullopt;
  const auto [need, chunk] = *first;
  waiting_.erase(first);
  needs_.erase(chunk);
  return std::pair(chunk, need);
}

std::optional<RepairBook::FileReview> RepairBook::nextFile() {
  if (files_.empty()) return std::nullopt;
  const FileReview review = files_.front();
  files_.pop_front();
  return review;
}

bool RepairBook::isBusy(NodeId target) const {
  const auto it = loads_.find(target);
  if (it == loads_.end()) return false;
  return it->second.copies >= COPIES_PER_NODE_MAX || it->second.bytes >= BYTES_PER_NODE_MAX;
}

void RepairBook::begin(ChunkId chunk, NodeId target, std::uint64_t bytes, std::int64_t nowMs) {
  const auto untilMs = nowMs + COPY_MS + static_cast<std::int64_t>(bytes / COPY_BYTES_PER_MS);
  if (!copies_.try_emplace({chunk, target}, Copy{bytes, untilMs}).second) return;
  Load& load = loads_[target];
  ++load.copies;
  load.bytes += bytes;
}

RepairBook::Copies::iterator RepairBook::erase(Copies::iterator copy) {
  const auto load = loads_.find(copy->first.second);
  load->second.bytes -= copy->second.bytes;
  if (--load->second.copies == 0) loads_.erase(load);
  return copies_.erase(copy);
}

bool RepairBook::arrived(ChunkId chunk, NodeId target) {
  const auto it = copies_.find({chunk, target});
  if (it == copies_.end()) return false;
  erase(it);
  failures_.erase(chunk);
  return true;
}

void RepairBook::failed(ChunkId chunk, NodeId target, std::int64_t nowMs) {
  const auto it = copies_.find({chunk, target});
  if (it == copies_.end()) return;
  erase(it);
  ++lost_;
  // Counted for so many at most; others begin with the shortest pause again.
  if (failures_.size() >= CHUNKS_MAX) failures_.clear();
  const unsigned failures = failures_[chunk]++;
  constexpr unsigned DOUBLINGS_MAX = 16;
  const std::int64_t delayMs =
      std::min(RETRY_MS_MAX, RETRY_MS_FIRST << std::min(failures, DOUBLINGS_MAX));
  if (const auto known = needs_.find(chunk); known != needs_.end()) {
    waiting_.erase({known->second, chunk});
    needs_.erase(known);
  }
  reviewLater(chunk, RepairNeed::SHORT, nowMs, delayMs);
}

void RepairBook::endAll(NodeId target) {
  if (!loads_.contains(target)) return;
  for (auto it = copies_.begin(); it != copies_.end();) {
    if (it->first.second == target) {
      review(it->first.first, RepairNeed::SHORT);
      it = erase(it);
      ++lost_;
    } else {
      ++it;
    }
  }
}

void RepairBook::endOverdue(std::int64_t nowMs) {
  for (auto it = copies_.begin(); it != copies_.end();) {
    if (nowMs >= it->second.untilMs) {
      review(it->first.first, RepairNeed::SHORT);
      it = erase(it);
      ++lost_;
    } else {
      ++it;
    }
  }
}

std::vector<NodeId> RepairBook::targetsOf(ChunkId chunk) const {
  std::vector<NodeId> targets;
  for (auto it = copies_.lower_bound({chunk, NodeId()});
       it != copies_.end() && it->first.first == chunk; ++it) {
    targets.push_back(it->first.second);
  }
  return targets;
}

}  // namespace cairn::nn
