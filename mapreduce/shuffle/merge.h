// The records of several sorted segments as one sorted sequence.
// Layer: mapreduce shuffle.  Threads: one.
// Cost: a loser tree on cached eight-byte prefixes; keys are compared only when those are equal.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "mapreduce/shuffle/segment_cursor.h"
#include "mapreduce/sort/loser_tree.h"

namespace cairn::mr {

class MergedRecords {
public:
  // Records with equal keys come in the order of their sources here.
  explicit MergedRecords(std::vector<std::unique_ptr<SegmentCursor>> sources);
  MergedRecords(const MergedRecords&) = delete;
  MergedRecords& operator=(const MergedRecords&) = delete;

  // Moves to the next record, from before the first. False at the end, and when failure() is set.
  bool next() {
    if (!started_) [[unlikely]]
      return start();
    if (ended_) return false;
    if (!advance(tree_->winner())) [[unlikely]]
      return false;
    tree_->replay();
    return stand();
  }
  // Of the current record; valid until the next call of next().
  std::string_view key() const { return current_->key(); }
  std::string_view value() const { return current_->value(); }

  const std::optional<Status>& failure() const { return failure_; }

private:
  // What the tournament looks at, side by side.
  struct Head {
    std::uint64_t prefix = 0;
    const SegmentCursor* cursor = nullptr;  // null: exhausted
  };
  struct Before {
    const std::vector<Head>* heads;
    bool operator()(std::uint32_t a, std::uint32_t b) const {
      const Head& x = (*heads)[a];
      const Head& y = (*heads)[b];
      return x.prefix != y.prefix ? x.prefix < y.prefix : slowly(x, y, a, b);
    }
    static bool slowly(const Head& x, const Head& y, std::uint32_t a, std::uint32_t b);
  };

  bool start();
  // False after a failure.
  bool advance(std::uint32_t source);
  bool stand();

  std::vector<std::unique_ptr<SegmentCursor>> sources_;
  std::vector<Head> heads_;
  std::optional<LoserTree<Before>> tree_;
  const SegmentCursor* current_ = nullptr;
  bool started_ = false;
  bool ended_ = false;
  std::optional<Status> failure_;
};

}  // namespace cairn::mr
