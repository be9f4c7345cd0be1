#include "namenode/repair/plan_repair.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace cairn::nn {
namespace {

using Where = ChunkCopy::Where;

// How many copies stand on each rack and machine.
class Spread {
public:
  void add(const ChunkCopy& copy, int change = 1) {
    if ((racks_[copy.rack] += change) == 0) racks_.erase(copy.rack);
    if (!copy.machine.empty()) machines_[copy.machine] += change;
  }
  // Whether without this copy all are on one rack, and with it they are not.
  bool holdsRacksApart(const ChunkCopy& copy) const {
    return racks_.size() == 2 && racks_.at(copy.rack) == 1;
  }
  bool sharesRack(const ChunkCopy& copy) const { return racks_.at(copy.rack) > 1; }
  bool sharesMachine(const ChunkCopy& copy) const {
    return !copy.machine.empty() && machines_.at(copy.machine) > 1;
  }

private:
  std::map<std::string_view, int> racks_;
  std::map<std::string_view, int> machines_;
};

std::vector<NodeId> chooseSurplus(std::span<const ChunkCopy> copies, unsigned wanted) {
  std::vector<const ChunkCopy*> kept;
  Spread spread;
  for (const auto& copy : copies) {
    if (!isSafe(copy)) continue;
    kept.push_back(&copy);
    spread.add(copy);
  }
  std::vector<NodeId> surplus;
  while (kept.size() > wanted && surplus.size() < COPIES_A_PLAN) {
    // The smallest goes.
    const auto rank = [&](const ChunkCopy* copy) {
      return std::tuple(spread.holdsRacksApart(*copy), !spread.sharesMachine(*copy),
                        !spread.sharesRack(*copy), copy->freeBytes, copy->node);
    };
    const auto first = std::ranges::min_element(kept, {}, rank);
    surplus.push_back((*first)->node);
    spread.add(**first, -1);
    kept.erase(first);
  }
  return surplus;
}

// The rack that all copies that count stand on, when there is another; "" otherwise.
std::string_view crowdedRack(std::span<const ChunkCopy> copies,
                             std::span<const std::string_view> racks) {
  const auto first = std::ranges::find_if(copies, counts);
  if (first == copies.end()) return {};
  const auto elsewhere = [rack = first->rack](std::string_view other) { return other != rack; };
  const bool spread = std::ranges::any_of(
      copies, [&](const ChunkCopy& copy) { return counts(copy) && elsewhere(copy.rack); });
  return !spread && std::ranges::any_of(racks, elsewhere) ? first->rack : std::string_view();
}

// From which copies can be made: good ones, the idlest first, then those that are to go, then those
// that somebody has read wrong: it may have been a wire or a memory that was bad.
std::vector<NodeId> chooseSources(std::span<const ChunkCopy> copies) {
  std::vector<const ChunkCopy*> sources;
  for (const auto& copy : copies) {
    if (copy.where == Where::HERE) sources.push_back(&copy);
  }
  std::ranges::sort(sources, {}, [](const ChunkCopy* copy) {
    return std::tuple(copy->suspect, copy->leaving, !copy->confirmed, copy->load, copy->node);
  });
  std::vector<NodeId> nodes;
  nodes.reserve(sources.size());
  for (const auto* source : sources) nodes.push_back(source->node);
  return nodes;
}

}  // namespace

bool counts(const ChunkCopy& copy) {
  return copy.where != Where::GONE && !copy.suspect && !copy.leaving;
}

bool isSafe(const ChunkCopy& copy) {
  return counts(copy) && copy.where == Where::HERE && copy.confirmed;
}

int spareCopies(std::span<const ChunkCopy> copies, unsigned wanted) {
  return static_cast<int>(std::ranges::count_if(copies, isSafe)) - static_cast<int>(wanted);
}

RepairPlan planRepair(std::span<const ChunkCopy> copies, unsigned wanted, unsigned underWay,
                      std::span<const std::string_view> racks) {
  RepairPlan plan;
  const auto good = static_cast<unsigned>(std::ranges::count_if(copies, counts)) + underWay;
  if (good < wanted) {
    plan.sources = chooseSources(copies);
    if (plan.sources.empty()) return plan;
    plan.missing = std::min(wanted - good, COPIES_A_PLAN);
    plan.more = plan.missing < wanted - good;
    return plan;
  }
  plan.surplus = chooseSurplus(copies, wanted);
  plan.more = spareCopies(copies, wanted) > static_cast<int>(plan.surplus.size());
  // One at a time: those under way may stand on another rack, and what is too much goes first.
  if (wanted > 1 && underWay == 0 && plan.surplus.empty()) {
    plan.awayFrom = crowdedRack(copies, racks);
    if (!plan.awayFrom.empty()) plan.sources = chooseSources(copies);
    if (!plan.sources.empty()) plan.missing = 1;
  }
  plan.unsure = !plan.more && good - underWay - plan.surplus.size() > wanted &&
                std::ranges::any_of(copies, [](const ChunkCopy& copy) {
                  return copy.where == Where::HERE && counts(copy) && !copy.confirmed;
                });
  return plan;
}

}  // namespace cairn::nn
