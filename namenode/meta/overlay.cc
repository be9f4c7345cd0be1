#include "namenode/meta/overlay.h"

#include <utility>

#include "namenode/meta/keys.h"

namespace cairn::nn {

void Overlay::put(Table table, std::string_view key, std::string value, bool existsBelow) {
  set(table, key, std::move(value), existsBelow);
}

void Overlay::erase(Table table, std::string_view key, bool existsBelow) {
  set(table, key, std::nullopt, existsBelow);
}

void Overlay::set(Table table, std::string_view key, std::optional<std::string> value,
                  bool existsBelow) {
  auto& rows = rows_[indexOf(table)];
  auto it = rows.lower_bound(key);
  const bool known = it != rows.end() && it->first == key;
  if (known) {
    existsBelow = it->second.existsBelow;
    bytes_ -= it->second.value.has_value() ? it->second.value->size() : 0;
  }
  if (!value.has_value() && !existsBelow) {
    if (known) {
      bytes_ -= key.size();
      --rowCount_;
      rows.erase(it);
    }
    return;
  }
  bytes_ += value.has_value() ? value->size() : 0;
  if (known) {
    it->second.value = std::move(value);
  } else {
    bytes_ += key.size();
    ++rowCount_;
    rows.emplace_hint(it, std::string(key), Row{std::move(value), existsBelow});
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
      auto it = rows.lower_bound(node.key());
      if (it != rows.end() && it->first == node.key()) {
        // The row below `newer` was this one: what lies below both is known here.
        set(table, node.key(), std::move(node.mapped().value), it->second.existsBelow);
      } else {
        bytes_ += node.key().size() + (node.mapped().value ? node.mapped().value->size() : 0);
        ++rowCount_;
        rows.insert(it, std::move(node));
      }
    }
  }
  for (auto& key : newer.changedDirectories_) changedDirectories_.push_back(std::move(key));
  below_.absorb(std::move(newer.below_));
  recordCall(newer.recordedCalls_);
  counts_.add(newer.counts_);
  newer = Overlay();
}

}  // namespace cairn::nn
