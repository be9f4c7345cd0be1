#include "namenode/meta/known_names.h"

#include <algorithm>
#include <functional>

namespace cairn::nn {
namespace {

constexpr std::size_t SLOTS_MIN = 16;

}  // namespace

KnownNames::Tag KnownNames::tagOf(std::string_view name) {
  const auto hash = static_cast<std::uint64_t>(std::hash<std::string_view>()(name));
  return std::max<Tag>(static_cast<Tag>(hash ^ (hash >> 32)), 1);
}

std::size_t KnownNames::placeOf(const std::vector<Tag>& slots, Tag tag) {
  const std::size_t mask = slots.size() - 1;
  std::size_t at = tag & mask;
  while (slots[at] != 0 && slots[at] != tag) at = (at + 1) & mask;
  return at;
}

KnownNames::Directory* KnownNames::find(InodeId directory) {
  const auto it = byId_.find(directory);
  if (it == byId_.end()) return nullptr;
  if (it->second != byUse_.begin()) byUse_.splice(byUse_.begin(), byUse_, it->second);
  return &*it->second;
}

void KnownNames::forget(ByUse::iterator directory) {
  slots_ -= directory->slots.size();
  byId_.erase(directory->id);
  byUse_.erase(directory);
}

void KnownNames::begin(InodeId directory) {
  const std::lock_guard lock(mutex_);
  if (const auto old = byId_.find(directory); old != byId_.end()) forget(old->second);
  byUse_.push_front({.id = directory, .slots = std::vector<Tag>(SLOTS_MIN), .used = 0});
  byId_.emplace(directory, byUse_.begin());
  slots_ += SLOTS_MIN;
  while (slots_ > slotsMax_) forget(std::prev(byUse_.end()));
}

void KnownNames::add(InodeId directory, std::string_view name) {
  const std::lock_guard lock(mutex_);
  Directory* const known = find(directory);
  if (known == nullptr) return;
  const Tag tag = tagOf(name);
  const std::size_t at = placeOf(known->slots, tag);
  if (known->slots[at] != 0) return;
  known->slots[at] = tag;
  ++known->used;
  // At most three quarters, or probes get long.
  if (known->used * 4 > known->slots.size() * 3) grow(*known);
  while (slots_ > slotsMax_) forget(std::prev(byUse_.end()));
}

void KnownNames::grow(Directory& directory) {
  std::vector<Tag> larger(directory.slots.size() * 2);
  for (const Tag tag : directory.slots) {
    if (tag != 0) larger[placeOf(larger, tag)] = tag;
  }
  slots_ += larger.size() - directory.slots.size();
  directory.slots = std::move(larger);
}

bool KnownNames::isAbsent(InodeId directory, std::string_view name) {
  const std::lock_guard lock(mutex_);
  const Directory* const known = find(directory);
  return known != nullptr && known->slots[placeOf(known->slots, tagOf(name))] == 0;
}

std::size_t KnownNames::directories() const {
  const std::lock_guard lock(mutex_);
  return byUse_.size();
}

}  // namespace cairn::nn
