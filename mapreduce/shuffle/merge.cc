#include "mapreduce/shuffle/merge.h"

#include <limits>
#include <utility>

namespace cairn::mr {

MergedRecords::MergedRecords(std::vector<std::unique_ptr<SegmentCursor>> sources)
    : sources_(std::move(sources)) {}

bool MergedRecords::Before::slowly(const Head& x, const Head& y, std::uint32_t a, std::uint32_t b) {
  if (x.cursor == nullptr || y.cursor == nullptr) {
    // An exhausted source has the greatest prefix, but a key may have it, too.
    return (x.cursor != nullptr) != (y.cursor != nullptr) ? x.cursor != nullptr : a < b;
  }
  const int order = x.cursor->key().compare(y.cursor->key());
  return order != 0 ? order < 0 : a < b;
}

bool MergedRecords::advance(std::uint32_t source) {
  SegmentCursor& cursor = *sources_[source];
  if (cursor.next()) [[likely]] {
    heads_[source] = {.prefix = cursor.prefix(), .cursor = &cursor};
    return true;
  }
  heads_[source] = {.prefix = std::numeric_limits<std::uint64_t>::max(), .cursor = nullptr};
  if (!cursor.failure()) return true;
  failure_ = cursor.failure();
  ended_ = true;
  return false;
}

bool MergedRecords::stand() {
  current_ = heads_[tree_->winner()].cursor;
  ended_ = current_ == nullptr;
  return !ended_;
}

bool MergedRecords::start() {
  started_ = true;
  heads_.resize(sources_.size());
  ended_ = sources_.empty();
  for (std::uint32_t i = 0; i < sources_.size(); ++i) {
    if (!advance(i)) return false;
  }
  if (ended_) return false;
  tree_.emplace(static_cast<std::uint32_t>(sources_.size()), Before{&heads_});
  return stand();
}

}  // namespace cairn::mr
