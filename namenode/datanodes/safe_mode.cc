#include "namenode/datanodes/safe_mode.h"

#include <cmath>

namespace cairn::nn {
namespace {

constexpr std::uint32_t RETRY_MS = 500;  // a datanode registers within a heartbeat or two

}  // namespace

bool SafeMode::enough(const SafeModeFacts& facts) const {
  if (facts.chunks == 0 || threshold_ <= 0) return true;
  if (facts.nodesKnown > 0 && facts.nodesBack >= facts.nodesKnown) return true;
  // Rounded down, as HDFS does: one lost chunk of few must not hold the cluster for ever.
  return facts.counted && facts.chunksSafe > 0 &&
         static_cast<double>(facts.chunksSafe) >=
             std::floor(threshold_ * static_cast<double>(facts.chunks));
}

void SafeMode::describe(const SafeModeFacts& facts) {
  waiting_ = std::to_string(facts.nodesBack) + " of " + std::to_string(facts.nodesKnown) +
             " datanodes that hold replicas have reported";
  if (facts.counted) {
    waiting_ += "; " + std::to_string(facts.chunksSafe) + " of " + std::to_string(facts.chunks) +
                " chunks have a replica on them";
  }
  waiting_ += ". It will be turned off automatically when all have, or enough chunks are there.";
}

void SafeMode::begin(const SafeModeFacts& facts) {
  if (enough(facts)) return;
  starting_ = true;
  describe(facts);
}

bool SafeMode::update(const SafeModeFacts& facts) {
  if (!starting_) return false;
  describe(facts);
  if (!enough(facts)) return false;
  starting_ = false;
  return true;
}

void SafeMode::enter() {
  manual_ = true;
  starting_ = false;
}

Result<void> SafeMode::leave() {
  manual_ = false;
  starting_ = false;
  if (!on()) return {};
  return fail(Code::INVALID_ARGUMENT, "safe mode stays on.\n" + text());
}

std::string SafeMode::text() const {
  static const std::string MANUAL_TEXT = "It was turned on by an operator, who has to turn it off.";
  std::string all;
  const auto add = [&all](bool holds, const std::string& why) {
    if (!holds) return;
    if (!all.empty()) all += '\n';
    all += why;
  };
  add(older(), older_);
  add(lowOnSpace(), lowSpace_);
  add(manual_, MANUAL_TEXT);
  add(starting_, waiting_);
  return all;
}

Result<void> SafeMode::allowChanges() const {
  if (!on()) return {};
  const bool soonOver = starting_ && !manual_ && !lowOnSpace() && !older();
  return fail(Code::SAFE_MODE, "Name node is in safe mode.\n" + text(), soonOver ? RETRY_MS : 0);
}

}  // namespace cairn::nn
