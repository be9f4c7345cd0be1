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
  for (std::size_t i = 0; i < DUE_A_TIME && !due_.empty() && due_.begin()->first <= nowMs; ++i) {
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
  return it->second.chunks.size() >= COPIES_PER_NODE_MAX || it->second.bytes >= BYTES_PER_NODE_MAX;
}

void RepairBook::begin(ChunkId chunk, NodeId target, std::uint64_t bytes, std::int64_t nowMs) {
  const auto untilMs = nowMs + COPY_MS + static_cast<std::int64_t>(bytes / COPY_BYTES_PER_MS);
  if (!copies_.try_emplace({chunk, target}, Copy{bytes, untilMs}).second) return;
  deadlines_.emplace(untilMs, std::pair(chunk, target));
  Load& load = loads_[target];
  load.chunks.insert(chunk);
  load.bytes += bytes;
}

void RepairBook::erase(Copies::iterator copy) {
  const auto load = loads_.find(copy->first.second);
  load->second.bytes -= copy->second.bytes;
  load->second.chunks.erase(copy->first.first);
  if (load->second.chunks.empty()) loads_.erase(load);
  deadlines_.erase({copy->second.untilMs, copy->first});
  copies_.erase(copy);
}

void RepairBook::lose(Copies::iterator copy) {
  review(copy->first.first, RepairNeed::SHORT);
  erase(copy);
  ++lost_;
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

void RepairBook::withdraw(ChunkId chunk, NodeId target) {
  const auto it = copies_.find({chunk, target});
  if (it != copies_.end()) lose(it);
}

void RepairBook::endAll(NodeId target) {
  for (auto load = loads_.find(target); load != loads_.end(); load = loads_.find(target)) {
    lose(copies_.find({*load->second.chunks.begin(), target}));
  }
}

void RepairBook::endOverdue(std::int64_t nowMs) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= nowMs) {
    lose(copies_.find(deadlines_.begin()->second));
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
