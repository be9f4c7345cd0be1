#include "namenode/lease/recovery_book.h"

#include <algorithm>

namespace cairn::nn {

std::vector<InodeId> RecoveryBook::longestFirst(std::vector<std::pair<std::int64_t, InodeId>> due,
                                                std::size_t max) {
  // By inode, too: the order must not depend on the hash table's.
  std::ranges::sort(due);
  std::vector<InodeId> files;
  for (const auto& [untilMs, inode] : due) {
    if (files.size() == max) break;
    files.push_back(inode);
  }
  return files;
}

void RecoveryBook::notYet(std::int64_t nowMs) {
  for (auto& [inode, file] : files_) file.beganMs = nowMs;
}

std::optional<RecoveryBook::Attempt> RecoveryBook::attempt(InodeId inode,
                                                           std::span<const Node> nodes,
                                                           std::int64_t nowMs) {
  constexpr std::int64_t LOOK_AGAIN_MS = 1000;
  File& file = files_.at(inode);
  Attempt attempt;
  bool awaited = false;
  for (const Node& node : nodes) {
    if (node.live) {
      (node.older ? attempt.older : attempt.nodes).push_back(node.node);
    } else if (!node.gone && !node.older) {
      awaited = true;
    }
  }
  if (awaited) attempt.older.clear();
  std::vector<NodeId> asked = attempt.nodes;
  asked.insert(asked.end(), attempt.older.begin(), attempt.older.end());
  if (asked.empty() || (awaited && nowMs - file.beganMs < limits_.waitForNodesMs)) {
    file.untilMs = nowMs + LOOK_AGAIN_MS;
    file.primary = NodeId();
    return std::nullopt;
  }
  // Each in turn: one that cannot do it must not be asked for ever.
  attempt.primary = asked[file.attempts % asked.size()];
  constexpr std::uint32_t SHIFT_MAX = 16;
  file.untilMs = nowMs + std::min(limits_.attemptMs << std::min(file.attempts, SHIFT_MAX),
                                  limits_.attemptMaxMs);
  ++file.attempts;
  file.primary = attempt.primary;
  file.allAsked = !awaited;
  attempt.withoutLost = nowMs - file.beganMs >= limits_.lostMs;
  return attempt;
}

bool RecoveryBook::believesEmpty(InodeId inode, std::int64_t nowMs) const {
  const auto it = files_.find(inode);
  if (it == files_.end()) return false;
  const File& file = it->second;
  // Never tried in this life of the namenode: the next attempt will tell.
  if (!file.primary) return false;
  return file.allAsked || nowMs - file.beganMs >= limits_.believeEmptyMs;
}

}  // namespace cairn::nn
