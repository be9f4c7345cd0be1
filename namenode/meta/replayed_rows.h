// The rows of many groups that are replayed, each as the last of them left it: a row that was
// written a hundred times costs RocksDB one.
// Layer: meta (pure).  Threads: one.  Memory: the groups' bytes, and about 80 for each row.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "namenode/meta/group_record.h"
#include "namenode/meta/table.h"

namespace cairn::nn {

class ReplayedRows {
public:
  // Keeps a copy of a group's bytes; views into it last until clear().
  ByteView keep(ByteView payload) {
    bytes_ += payload.size();
    return groups_.emplace_back(payload.begin(), payload.end());
  }
  // Replaces what earlier groups made of the row. REQUIRES: its views are into kept bytes.
  void change(const GroupRow& row) { rows_[indexOf(row.table)][row.key] = row.value; }

  // Of the groups kept.
  std::size_t bytes() const { return bytes_; }

  // Every row once, by table and in order of the keys: neighbours are put in faster.
  template <typename Visit>
  void forEach(Visit visit) const {
    std::vector<std::pair<std::string_view, std::optional<std::string_view>>> sorted;
    for (const Table table : TABLES) {
      const auto& rows = rows_[indexOf(table)];
      sorted.assign(rows.begin(), rows.end());
      std::ranges::sort(sorted, {}, [](const auto& row) { return row.first; });
      for (const auto& [key, value] : sorted) {
        visit(GroupRow{.table = table, .key = key, .value = value});
      }
    }
  }

  void clear() {
    for (auto& rows : rows_) rows.clear();
    groups_.clear();
    bytes_ = 0;
  }

private:
  std::deque<ByteVector> groups_;
  std::array<std::unordered_map<std::string_view, std::optional<std::string_view>>, TABLE_COUNT>
      rows_;
  std::size_t bytes_ = 0;
};

}  // namespace cairn::nn
