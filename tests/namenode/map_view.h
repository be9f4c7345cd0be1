// The tables as maps in memory, for tests of what reads through a MetaView.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>

#include "namenode/meta/meta_view.h"
#include "namenode/meta/overlay.h"

namespace cairn::nn {

class MapView final : public MetaView {
public:
  using Rows = std::map<std::string, std::string, std::less<>>;

  Result<bool> get(Table table, std::string_view key, std::string& value) const override {
    const auto& all = rows_[indexOf(table)];
    const auto it = all.find(key);
    if (it == all.end()) return false;
    value = it->second;
    return true;
  }
  std::unique_ptr<Cursor> scanFrom(Table table, std::string_view prefix,
                                   std::string_view from) const override {
    auto cursor = std::make_unique<MapCursor>(rows_[indexOf(table)], prefix);
    cursor->seek(from);
    return cursor;
  }

  // What the store does with a group.
  void apply(const Overlay& changes) {
    for (const Table table : TABLES) {
      for (const auto& [key, row] : changes.rows(table)) {
        if (row.value.has_value()) {
          rows_[indexOf(table)][key] = *row.value;
        } else {
          rows_[indexOf(table)].erase(key);
        }
      }
    }
  }
  Rows& rows(Table table) { return rows_[indexOf(table)]; }
  const Rows& rows(Table table) const { return rows_[indexOf(table)]; }

private:
  class MapCursor final : public Cursor {
  public:
    MapCursor(const Rows& rows, std::string_view prefix)
        : rows_(rows), prefix_(prefix), at_(rows.lower_bound(prefix)) {}
    bool valid() const override { return at_ != rows_.end() && at_->first.starts_with(prefix_); }
    std::string_view key() const override { return at_->first; }
    std::string_view value() const override { return at_->second; }
    void next() override { ++at_; }
    void seek(std::string_view key) override {
      at_ = rows_.lower_bound(std::max(key, std::string_view(prefix_)));
    }
    Result<void> status() const override { return {}; }

  private:
    const Rows& rows_;
    std::string prefix_;
    Rows::const_iterator at_;
  };

  std::array<Rows, TABLE_COUNT> rows_;
};

}  // namespace cairn::nn
