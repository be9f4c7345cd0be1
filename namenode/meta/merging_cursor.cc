#include "namenode/meta/merging_cursor.h"

#include <algorithm>

namespace cairn::nn {

MergingCursor::MergingCursor(Table table, std::string_view prefix, std::string_view from,
                             std::array<const Overlay*, 3> layers, std::unique_ptr<Cursor> base)
    : prefix_(prefix), base_(std::move(base)) {
  const std::string_view first = std::max(from, prefix);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i] == nullptr) continue;
    sources_[i].rows = &layers[i]->rows(table);
    sources_[i].at = sources_[i].rows->lower_bound(first);
  }
  settle();
}

std::string_view MergingCursor::key() const {
  return current_ == BASE ? base_->key() : std::string_view(sources_[current_].at->first);
}

std::string_view MergingCursor::value() const {
  return current_ == BASE ? base_->value() : std::string_view(*sources_[current_].at->second.value);
}

void MergingCursor::settle() {
  while (true) {
    current_ = NOTHING;
    std::string_view smallest;
    // Oldest first, so that on equal keys the newest wins.
    if (base_->valid()) {
      current_ = BASE;
      smallest = base_->key();
    }
    for (int i = 2; i >= 0; --i) {
      if (!alive(sources_[i])) continue;
      const std::string_view key = sources_[i].at->first;
      if (current_ == NOTHING || key <= smallest) {
        current_ = i;
        smallest = key;
      }
    }
    if (current_ == NOTHING || current_ == BASE ||
        sources_[current_].at->second.value.has_value()) {
      return;
    }
    pass(std::string(smallest));
  }
}

void MergingCursor::pass(std::string_view key) {
  for (auto& source : sources_) {
    if (alive(source) && source.at->first == key) ++source.at;
  }
  if (base_->valid() && base_->key() == key) base_->next();
}

void MergingCursor::next() {
  pass(std::string(key()));
  settle();
}

void MergingCursor::seek(std::string_view key) {
  const std::string from(std::max(key, std::string_view(prefix_)));
  for (auto& source : sources_) {
    if (source.rows != nullptr) source.at = source.rows->lower_bound(from);
  }
  base_->seek(from);
  settle();
}

}  // namespace cairn::nn
