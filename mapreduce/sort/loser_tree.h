// A tournament among k sorted sources: which one holds the smallest record (Knuth, The Art of
// Computer Programming 3, 5.4.1).
// Layer: mapreduce sort (pure).  Threads: a value.
// Cost: ceil(log2 k) comparisons a record, against twice as many of a heap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace cairn::mr {

// Before(a, b): whether source a's record comes before source b's. A strict order over all
// sources: exhausted ones come last, equal ones by number.
template <typename Before>
class LoserTree {
public:
  // REQUIRES: sources > 0, each standing on its first record or exhausted.
  LoserTree(std::uint32_t sources, Before before) : losers_(sources), before_(std::move(before)) {
    std::vector<std::uint32_t> winners(std::size_t{2} * sources);
    for (std::uint32_t i = 0; i < sources; ++i) winners[sources + i] = i;
    for (std::size_t i = sources; i-- > 1;) {
      std::uint32_t winner = winners[2 * i];
      std::uint32_t loser = winners[2 * i + 1];
      if (before_(loser, winner)) std::swap(loser, winner);
      winners[i] = winner;
      losers_[i] = loser;
    }
    winner_ = winners[1];
  }

  // The source with the smallest record; exhausted only when all are.
  std::uint32_t winner() const { return winner_; }

  // After the winner has moved to its next record.
  void replay() {
    for (std::size_t i = (losers_.size() + winner_) / 2; i > 0; i /= 2) {
      if (before_(losers_[i], winner_)) std::swap(losers_[i], winner_);
    }
  }

private:
  std::vector<std::uint32_t> losers_;  // [i]: who lost the match at inner node i; [0] is unused
  std::uint32_t winner_ = 0;
  Before before_;
};

}  // namespace cairn::mr
