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

void Model::settle(std::uint64_t operation, std::size_t outcome) {
  const auto found = open_.find(operation);
  for (const auto& [path, expected] : found->second.outcomes[outcome]) {
    certain_.insert_or_assign(path, expected);
  }
  open_.erase(found);
}

}  // namespace cairn::sim
