#include "namenode/datanodes/suspect_replicas.h"

namespace cairn::nn {

bool SuspectReplicas::add(NodeId node, ChunkId chunk, GenerationStamp generation) {
  if (const auto it = all_.find({node, chunk}); it != all_.end()) {
    if (it->second.generation < generation) it->second = Suspect{.generation = generation};
    return false;
  }
  if (all_.size() >= MAX) return false;
  return all_.try_emplace({node, chunk}, Suspect{.generation = generation}).second;
}

std::vector<SuspectReplicas::Due> SuspectReplicas::takeDue(NodeId node, std::int64_t nowMs,
                                                           std::size_t max) {
  std::vector<Due> due;
  for (auto it = all_.lower_bound({node, ChunkId()}); it != all_.end() && it->first.first == node;
       ++it) {
    if (due.size() == max) break;
    Suspect& suspect = it->second;
    if (suspect.asked && nowMs - suspect.askedMs < REPEAT_MS) continue;
    suspect.asked = true;
    suspect.askedMs = nowMs;
    due.push_back(
        {.chunk = it->first.second,
         .generation = suspect.generation,
         .confirmed = suspect.confirmedMs && nowMs - *suspect.confirmedMs < CONFIRMED_MS});
  }
  return due;
}

void SuspectReplicas::confirm(NodeId node, ChunkId chunk, GenerationStamp generation,
                              std::int64_t nowMs) {
  const auto it = all_.find({node, chunk});
  if (it == all_.end() || !it->second.asked || it->second.generation != generation) return;
  it->second.confirmedMs = nowMs;
}

bool SuspectReplicas::trust(NodeId node, ChunkId chunk, GenerationStamp generation) {
  const auto it = all_.find({node, chunk});
  if (it == all_.end() || !it->second.asked || it->second.generation != generation) return false;
  all_.erase(it);
  return true;
}

void SuspectReplicas::forget(NodeId node, ChunkId chunk, GenerationStamp generation) {
  const auto it = all_.find({node, chunk});
  if (it != all_.end() && it->second.generation <= generation) all_.erase(it);
}

void SuspectReplicas::lookAgain(NodeId node, ChunkId chunk) {
  const auto it = all_.find({node, chunk});
  if (it != all_.end()) it->second.asked = false;
}

void SuspectReplicas::askAgain(NodeId node) {
  for (auto it = all_.lower_bound({node, ChunkId()}); it != all_.end() && it->first.first == node;
       ++it) {
    it->second.asked = false;
    it->second.confirmedMs.reset();
  }
}

void SuspectReplicas::forgetAll(NodeId node) {
  const auto begin = all_.lower_bound({node, ChunkId()});
  auto end = begin;
  while (end != all_.end() && end->first.first == node) ++end;
  all_.erase(begin, end);
}

}  // namespace cairn::nn
