#include "namenode/place/pipeline.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>

#include "common/base/units.h"

namespace cairn::nn {
namespace {

// Why this node cannot take the chunk; "" when it can.
std::string whyNot(const Candidate& node, const PlacementRequest& request) {
  if (!node.unfit.empty()) return std::string(node.unfit);
  if (std::ranges::find(request.excluded, node.node) != request.excluded.end()) {
    return "excluded by the writer";
  }
  if (std::ranges::find(request.existing, node.node) != request.existing.end()) {
    return "has it already";
  }
  if (node.freeBytes < request.chunkBytes) {
    return formatByteSize(node.freeBytes) + " free, " + formatByteSize(request.chunkBytes) +
           " needed";
  }
  return {};
}

// A client that comes again so soon finds an awaited node there, or is told the same.
constexpr std::uint32_t AWAIT_MS = 200;

bool isAwaited(const Candidate& node, const PlacementRequest& request) {
  return node.awaited && std::ranges::find(request.excluded, node.node) == request.excluded.end() &&
         std::ranges::find(request.existing, node.node) == request.existing.end();
}

class Chooser {
public:
  Chooser(std::vector<const Candidate*> fit, const Dice& dice) : fit_(std::move(fit)), dice_(dice) {
    std::uint64_t total = 0;
    for (const auto* node : fit_) total += node->load;
    const double mean =
        fit_.empty() ? 0 : static_cast<double>(total) / static_cast<double>(fit_.size());
    busyAbove_ = std::max(static_cast<double>(BUSY_FLOOR), BUSY_FACTOR * mean);
  }

  bool busy(const Candidate& node) const { return node.load > busyAbove_; }
  const std::vector<const Candidate*>& left() const { return fit_; }

  // Takes the node with the smallest rank, the better of two drawn among equals.
  template <typename Rank>
  const Candidate* take(Rank rank) {
    unsigned best = std::numeric_limits<unsigned>::max();
    std::vector<std::size_t> equals;
    for (std::size_t i = 0; i < fit_.size(); ++i) {
      const unsigned r = rank(*fit_[i]);
      if (r > best) continue;
      if (r < best) equals.clear();
      best = r;
      equals.push_back(i);
    }
    if (equals.empty()) return nullptr;
    const std::size_t a = equals[dice_(equals.size())];
    const std::size_t b = equals[dice_(equals.size())];
    const std::size_t chosen = room(*fit_[a]) >= room(*fit_[b]) ? a : b;
    const Candidate* node = fit_[chosen];
    fit_.erase(fit_.begin() + static_cast<std::ptrdiff_t>(chosen));
    return node;
  }

private:
  static double room(const Candidate& node) {
    return static_cast<double>(node.freeBytes) / (1.0 + node.load);
  }

  std::vector<const Candidate*> fit_;
  const Dice& dice_;
  double busyAbove_ = 0;
};

}  // namespace

Result<std::vector<NodeId>> choosePipeline(std::span<const Candidate> nodes,
                                           const PlacementRequest& request, const Dice& dice) {
  std::vector<const Candidate*> fit;
  std::string reasons;
  std::uint32_t retryMs = 0;
  bool expects = false;
  for (const auto& node : nodes) {
    const std::string reason = whyNot(node, request);
    if (reason.empty()) {
      fit.push_back(&node);
      continue;
    }
    if (isAwaited(node, request)) {
      retryMs = AWAIT_MS;
      expects |= node.expected;
    }
    if (!reasons.empty()) reasons += "; ";
    reasons += "datanode " + std::to_string(node.node.value) + " (" + std::string(node.address) +
               "): " + reason;
  }
  if (fit.empty()) {
    if (nodes.empty()) {
      return fail(Code::PLACEMENT_FAILED,
                  "no datanode can take a chunk: none has registered with this namenode");
    }
    return fail(Code::PLACEMENT_FAILED, "no datanode can take a chunk: " + reasons, retryMs);
  }

  if (request.patient && expects && fit.size() < request.replicas) {
    return fail(Code::PLACEMENT_FAILED,
                "only " + std::to_string(fit.size()) + " of " + std::to_string(request.replicas) +
                    " datanodes can take a chunk yet: " + reasons,
                retryMs);
  }

  Chooser chooser(std::move(fit), dice);
  std::vector<NodeId> pipeline;
  std::vector<const Candidate*> taken;
  for (const NodeId node : request.existing) {
    const auto known = std::ranges::find(nodes, node, &Candidate::node);
    if (known != nodes.end()) taken.push_back(&*known);
  }
  // Whether all of them stand on one rack.
  const auto onOneRack = [&]() {
    return std::ranges::all_of(taken,
                               [&](const Candidate* t) { return t->rack == taken[0]->rack; });
  };
  bool oneRack = onOneRack();
  std::set<std::string_view> takenMachines;
  for (const auto* t : taken) takenMachines.insert(t->machine);
  const auto onTakenMachine = [&](const Candidate& node) {
    return !node.machine.empty() && takenMachines.contains(node.machine);
  };
  // Each criterion outweighs those after it.
  const auto rank = [&](const Candidate& node) -> unsigned {
    const unsigned busy = chooser.busy(node) ? 1 : 0;
    unsigned place = 0;
    switch (taken.size()) {
      case 0:
        if (node.node == request.localNode) return busy * 4;
        if (!request.machine.empty() && node.machine == request.machine) return busy * 4 + 1;
        return busy * 4 + 2;
      default:
        if (oneRack) {
          place = node.rack != taken[0]->rack ? 0 : 1;
        } else if (taken.size() == 2) {
          // On the second's rack, which is another one than the first's: two racks hold the chunk.
          place = node.rack == taken[1]->rack ? 0 : 1;
        }
    }
    return busy * 4 + place * 2 + (onTakenMachine(node) ? 1 : 0);
  };
  while (pipeline.size() < request.replicas) {
    const Candidate* node = chooser.take(rank);
    if (node == nullptr) break;
    taken.push_back(node);
    takenMachines.insert(node->machine);
    oneRack = onOneRack();
    pipeline.push_back(node->node);
  }
  return pipeline;
}

}  // namespace cairn::nn
