// The launchable tasks of one kind of one job, and which of them suits a given tracker best.
// Layer: mapreduce/sched (pure).  Threads: a value.
// Cost: add O(places); take O(1) amortised; urgent tasks are searched one by one, at most
// URGENT_SEARCH_MAX of them a call.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mapreduce/sched/types.h"

namespace cairn::mr::sched {

// A failed job has few urgent tasks; a lost tracker makes many, of which any one will do.
inline constexpr std::size_t URGENT_SEARCH_MAX = 64;

struct Choice {
  std::uint32_t task = 0;
  Locality locality = Locality::ANY;
};

class TaskQueue {
public:
  // `places[task]`: where its input lies; empty for reduces. `bestPossible` is then ANY.
  explicit TaskQueue(std::vector<std::vector<Place>> places);

  // Makes the task launchable. Urgent ones (tried before, or waited for by reduces) go first and
  // wait for no place. REQUIRES: it is not launchable now.
  void add(std::uint32_t task, bool urgent);
  // Takes it out, wherever it stands. No effect when it is not launchable.
  void remove(std::uint32_t task);

  bool empty() const { return launchable_ == 0; }
  std::size_t size() const { return launchable_; }
  bool contains(std::uint32_t task) const { return state_[task] != State::ABSENT; }

  // The first urgent task that `allowed` lets run here, with its locality. Does not take it.
  std::optional<Choice> urgentFor(const Place& tracker,
                                  const std::function<bool(std::uint32_t)>& allowed) const;
  // The fresh task that lies nearest to the tracker. Does not take it.
  std::optional<Choice> freshFor(const Place& tracker);
  bool hasUrgent() const { return urgentCount_ > 0; }
  bool hasFresh() const { return launchable_ > urgentCount_; }

  const std::vector<Place>& placesOf(std::uint32_t task) const { return places_[task]; }
  Locality localityOf(std::uint32_t task, const Place& tracker) const;

private:
  enum class State : std::uint8_t { ABSENT, FRESH, URGENT };
  using Line = std::deque<std::uint32_t>;
  // Drops entries at the front that are no longer fresh; the first that is.
  std::optional<std::uint32_t> front(Line& line);

  std::vector<std::vector<Place>> places_;
  std::vector<State> state_;
  std::deque<std::uint32_t> urgent_;  // may hold tasks that are no longer urgent
  Line fresh_;                        // each line may hold tasks that are no longer fresh
  std::map<NodeId, Line> byNode_;
  std::map<std::string, Line, std::less<>> byMachine_;
  std::map<std::string, Line, std::less<>> byRack_;
  std::size_t launchable_ = 0;
  std::size_t urgentCount_ = 0;
};

}  // namespace cairn::mr::sched
