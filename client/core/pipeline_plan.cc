#include "client/core/pipeline_plan.h"

#include <algorithm>
#include <string>
#include <utility>

#include "client/core/wire_types.h"
#include "common/base/limits.h"

namespace cairn::client {

bool wantsReplacement(std::uint16_t replication, std::size_t left, bool flushed) {
  return replication >= 3 && (left <= replication / 2 || (left < replication && flushed));
}

bool mayComeBack(Code code) {
  return code == Code::UNAVAILABLE || code == Code::TIMED_OUT || code == Code::OVERLOADED;
}

PipelinePlan::PipelinePlan(std::uint16_t replication)
    : replication_(static_cast<std::uint16_t>(
          std::min<std::uint32_t>(replication, limits::PIPELINE_NODES_MAX))) {}

void PipelinePlan::newChunk() {
  recorded_.clear();
  left_.clear();
  allocations_ = 0;
  revivals_ = 0;
  replacements_ = 0;
  pauseMs_ = 0;
}

void PipelinePlan::recorded(std::vector<DatanodeAddress> nodes) {
  recorded_ = std::move(nodes);
  left_ = recorded_;
}

void PipelinePlan::failed(const DatanodeAddress& node, const Status& why, std::int64_t nowMs) {
  std::erase_if(failures_, [&](const Failure& known) { return known.node.node == node.node; });
  failures_.push_back({.node = node, .why = why, .atMs = nowMs, .excluded = true});
  std::erase_if(left_, [&](const DatanodeAddress& other) { return other.node == node.node; });
}

void PipelinePlan::progressed() {
  revivals_ = 0;
  replacements_ = 0;
  if (failures_.empty()) return;
  std::erase_if(failures_, [&](const Failure& failure) {
    return std::ranges::find(left_, failure.node.node, &DatanodeAddress::node) != left_.end();
  });
}

bool PipelinePlan::noPlace() {
  if (revivals_ == REVIVALS_MAX) return false;
  bool again = false;
  for (auto& failure : failures_) {
    if (!failure.excluded || !mayComeBack(failure.why.code())) continue;
    failure.excluded = false;
    again = true;
  }
  if (again) pauseMs_ = REVIVAL_PAUSE_MS << revivals_++;
  return again;
}

const PipelinePlan::Failure* PipelinePlan::failureOf(std::uint32_t node) const {
  for (const auto& failure : failures_) {
    if (failure.node.node == node) return &failure;
  }
  return nullptr;
}

bool PipelinePlan::revive() {
  if (revivals_ == REVIVALS_MAX) return false;
  for (const auto& node : recorded_) {
    const auto* failure = failureOf(node.node);
    if (failure == nullptr || mayComeBack(failure->why.code())) left_.push_back(node);
  }
  if (left_.empty()) return false;
  pauseMs_ = REVIVAL_PAUSE_MS << revivals_++;
  return true;
}

std::uint16_t PipelinePlan::replacementsFor(const Situation& situation) {
  const auto missing =
      left_.size() < replication_ ? static_cast<std::uint16_t>(replication_ - left_.size()) : 0;
  std::uint16_t wanted = 0;
  if (!situation.acknowledged) {
    wanted = missing;
  } else if (!situation.finishing &&
             wantsReplacement(replication_, left_.size(), situation.flushed)) {
    wanted = 1;
  }
  if (wanted == 0 || replacements_ == REPLACEMENTS_MAX) return 0;
  ++replacements_;
  return wanted;
}

PipelinePlan::Step PipelinePlan::next(const Situation& situation) {
  if (!situation.acknowledged && (!situation.sent || left_.empty())) {
    if (allocations_ == ALLOCATIONS_MAX) return {};
    ++allocations_;
    return {.action = Action::ALLOCATE, .pauseMs = std::exchange(pauseMs_, 0), .nodes = {}};
  }
  if (left_.empty() && !revive()) return {};
  return {.action = Action::RESUME,
          .pauseMs = std::exchange(pauseMs_, 0),
          .nodes = left_,
          .replacements = replacementsFor(situation)};
}

std::vector<std::uint32_t> PipelinePlan::excluded(std::int64_t nowMs) const {
  std::vector<std::uint32_t> nodes;
  for (const auto& failure : failures_) {
    if (failure.excluded && nowMs < failure.atMs + EXCLUDE_MS) nodes.push_back(failure.node.node);
  }
  return nodes;
}

std::string PipelinePlan::failures() const {
  std::string text;
  for (const auto& failure : failures_) {
    if (!text.empty()) text += "; ";
    text += describe(failure.node) + ": " + failure.why.message();
  }
  return text;
}

std::optional<Code> PipelinePlan::lastFailure() const {
  if (failures_.empty()) return std::nullopt;
  return failures_.back().why.code();
}

}  // namespace cairn::client
