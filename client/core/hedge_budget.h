// How often a slow datanode may be answered with a second request to another one: a bounded share
// of all requests, so that a slow network or cluster is not asked twice for everything.
// Layer: client/core (pure).  Threads: one at a time.
#pragma once

#include <algorithm>

namespace cairn::client {

class HedgeBudget {
public:
  // Second requests for each first one, and how many may be saved up. Dean and Barroso, "The Tail
  // at Scale": 2 to 5 % more requests take nearly all of the tail away.
  static constexpr double SHARE = 0.05;
  static constexpr double SAVED_MAX = 16;

  // A first request was made.
  void requested() { saved_ = std::min(SAVED_MAX, saved_ + SHARE); }
  // Whether a second one may be made; counts as made then.
  bool take() {
    if (saved_ < 1) return false;
    saved_ -= 1;
    return true;
  }

private:
  double saved_ = SAVED_MAX;
};

}  // namespace cairn::client
