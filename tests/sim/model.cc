#include "tests/sim/model.h"

namespace cairn::sim {

bool isWithin(const std::string& path, const std::string& directory) {
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

const Expected* Model::find(const std::string& path) const {
  const auto found = certain_.find(path);
  return found == certain_.end() ? nullptr : &found->second;
}

Outcome Model::below(const std::string& directory) const {
  Outcome found;
  for (const auto& [path, expected] : certain_) {
    if (path != directory && isWithin(path, directory)) found.emplace(path, expected);
  }
  return found;
}

bool Model::uncertainAt(const std::string& path) const {
  for (const auto& [number, operation] : open_) {
    for (const auto& [touched, expected] : operation.outcomes.front()) {
      if (isWithin(touched, path)) return true;
    }
  }
  return false;
}

std::uint64_t Model::begin(Operation operation) {
  for (const auto& [path, expected] : operation.outcomes.front()) certain_.erase(path);
  open_.emplace(++last_, std::move(operation));
  return last_;
}

void Model::grant(std::uint64_t operation, const std::string& path, std::uint64_t held) {
  Operation& granted = open_.at(operation);
  granted.granted = true;
  Outcome& started = granted.outcomes.back();
  started[path].held.onDisk = held;
  granted.outcomes.front() = started;
}

void Model::hold(std::uint64_t operation, const std::string& path, const Held& held) {
  Operation& granted = open_.at(operation);
  granted.outcomes.back()[path].held = held;
  granted.outcomes.front()[path].held = held;
}

void Model::noteAsked(std::uint64_t operation) { open_.at(operation).asked = true; }

void Model::fence(std::uint64_t operation, bool fenced) { open_.at(operation).fenced = fenced; }

void Model::settle(std::uint64_t operation, std::size_t outcome) {
  settle(operation, open_.at(operation).outcomes[outcome]);
}

void Model::settle(std::uint64_t operation, Outcome outcome) {
  for (auto& [path, expected] : outcome) certain_.insert_or_assign(path, std::move(expected));
  open_.erase(operation);
}

}  // namespace cairn::sim
