#include "namenode/meta/overlay.h"

#include <utility>

#include "namenode/meta/keys.h"

namespace cairn::nn {
namespace {

// lower_bound. Most keys come in order: ids grow.
Overlay::Rows::iterator placeOf(Overlay::Rows& rows, std::string_view key) {
  if (rows.empty() || rows.rbegin()->first < key) return rows.end();
  return rows.lower_bound(key);
}

}  // namespace

void Overlay::put(Table table, std::string_view key, std::string value, bool existsBelow,
                  bool sameForPaths) {
  set(table, key, {std::move(value), existsBelow, sameForPaths});
}

void Overlay::erase(Table table, std::string_view key, bool existsBelow) {
  set(table, key, {.value = {}, .existsBelow = existsBelow});
}

void Overlay::set(Table table, std::string_view key, Row change) {
  auto& rows = rows_[indexOf(table)];
  auto it = placeOf(rows, key);
  const bool known = it != rows.end() && it->first == key;
  if (known) {
    change.existsBelow = it->second.existsBelow;
    change.sameForPaths &= it->second.sameForPaths;
    bytes_ -= it->second.value.has_value() ? it->second.value->size() : 0;
  }
  if (!change.value.has_value() && !change.existsBelow) {
    if (known) {
      bytes_ -= key.size();
      --rowCount_;
      rows.erase(it);
    }
    return;
  }
  bytes_ += change.value.has_value() ? change.value->size() : 0;
  if (known) {
    it->second = std::move(change);
  } else {
    bytes_ += key.size();
    ++rowCount_;
    rows.emplace_hint(it, std::string(key), std::move(change));
  }
}

void Overlay::sealCalls(TxId group) {
  if (recordedCalls_.empty()) return;
  bytes_ -= recordedCalls_.size();
  put(Table::RETRY, retryKey(group), std::move(recordedCalls_), false);
  recordedCalls_.clear();
}

void Overlay::absorb(Overlay&& newer) {
  for (const Table table : TABLES) {
    auto& rows = rows_[indexOf(table)];
    auto& incoming = newer.rows_[indexOf(table)];
    while (!incoming.empty()) {
      auto node = incoming.extract(incoming.begin());
      auto it = placeOf(rows, node.key());
      if (it != rows.end() && it->first == node.key()) {
        // The row below `newer` was this one: what lies below both is known here.
        set(table, node.key(), std::move(node.mapped()));
      } else {
        bytes_ += node.key().size() + (node.mapped().value ? node.mapped().value->size() : 0);
        ++rowCount_;
        rows.insert(it, std::move(node));
      }
    }
  }
  for (auto& key : newer.changedDirectories_) changedDirectories_.push_back(std::move(key));
  newDirectories_.insert(newDirectories_.end(), newer.newDirectories_.begin(),
                         newer.newDirectories_.end());
  below_.absorb(std::move(newer.below_));
  recordCall(newer.recordedCalls_);
  counts_.add(newer.counts_);
}

}  // namespace cairn::nn
