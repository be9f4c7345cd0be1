#include "mapreduce/sched/task_queue.h"

#include <algorithm>
#include <utility>

namespace cairn::mr::sched {

TaskQueue::TaskQueue(std::vector<std::vector<Place>> places)
    : places_(std::move(places)), state_(places_.size(), State::ABSENT) {}

void TaskQueue::add(std::uint32_t task, bool urgent) {
  if (state_[task] != State::ABSENT) return;
  ++launchable_;
  if (urgent) {
    state_[task] = State::URGENT;
    ++urgentCount_;
    // The same task may still stand there from an earlier life in the queue.
    std::erase(urgent_, task);
    urgent_.push_back(task);
    return;
  }
  state_[task] = State::FRESH;
  fresh_.push_back(task);
  std::set<NodeId> nodes;
  std::set<std::string_view> machines;
  std::set<std::string_view> racks;
  for (const auto& place : places_[task]) {
    if (place.node && nodes.insert(place.node).second) byNode_[place.node].push_back(task);
    if (!place.machine.empty() && machines.insert(place.machine).second) {
      byMachine_[place.machine].push_back(task);
    }
    if (!place.rack.empty() && racks.insert(place.rack).second) {
      byRack_[place.rack].push_back(task);
    }
  }
}

void TaskQueue::remove(std::uint32_t task) {
  if (state_[task] == State::ABSENT) return;
  if (state_[task] == State::URGENT) {
    --urgentCount_;
    std::erase(urgent_, task);
  }
  state_[task] = State::ABSENT;
  --launchable_;
}

Locality TaskQueue::localityOf(std::uint32_t task, const Place& tracker) const {
  auto best = Locality::ANY;
  for (const auto& place : places_[task]) {
    if (place.node && place.node == tracker.node) return Locality::NODE;
    if (!place.machine.empty() && place.machine == tracker.machine) {
      best = std::min(best, Locality::MACHINE);
    } else if (!place.rack.empty() && place.rack == tracker.rack) {
      best = std::min(best, Locality::RACK);
    }
  }
  return best;
}

std::optional<Choice> TaskQueue::urgentFor(
    const Place& tracker, const std::function<bool(std::uint32_t)>& allowed) const {
  std::optional<Choice> best;
  std::size_t seen = 0;
  for (const auto task : urgent_) {
    if (seen++ == URGENT_SEARCH_MAX) break;
    if (!allowed(task)) continue;
    const Choice choice{task, localityOf(task, tracker)};
    if (!best || choice.locality < best->locality) best = choice;
    if (best->locality == Locality::NODE) break;
  }
  return best;
}

std::optional<std::uint32_t> TaskQueue::front(Line& line) {
  while (!line.empty() && state_[line.front()] != State::FRESH) line.pop_front();
  if (line.empty()) return std::nullopt;
  return line.front();
}

std::optional<Choice> TaskQueue::freshFor(const Place& tracker) {
  const auto in = [&](auto& lines, const auto& key) -> std::optional<std::uint32_t> {
    const auto at = lines.find(key);
    if (at == lines.end()) return std::nullopt;
    auto found = front(at->second);
    if (!found) lines.erase(at);
    return found;
  };
  if (tracker.node) {
    if (auto task = in(byNode_, tracker.node)) return Choice{*task, Locality::NODE};
  }
  if (auto task = in(byMachine_, tracker.machine)) return Choice{*task, Locality::MACHINE};
  if (auto task = in(byRack_, tracker.rack)) return Choice{*task, Locality::RACK};
  if (auto task = front(fresh_)) return Choice{*task, Locality::ANY};
  return std::nullopt;
}

}  // namespace cairn::mr::sched
