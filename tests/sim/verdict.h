// What a simulated run found wrong.
// Layer: tests/sim.  Threads: one.
#pragma once

#include <string>
#include <vector>

namespace cairn::sim {

class Verdict {
public:
  // Only the first few are kept: the rest usually follows from them.
  void violation(std::string what) {
    if (violations_.size() < 20) violations_.push_back(std::move(what));
  }
  bool clean() const { return violations_.empty(); }
  const std::vector<std::string>& violations() const { return violations_; }

private:
  std::vector<std::string> violations_;
};

}  // namespace cairn::sim
