#include "namenode/meta/known_rows.h"

namespace cairn::nn {

KnownRows::Rows* KnownRows::kept(Table table) const {
  switch (table) {
    case Table::INODE: return &inodes_;
    case Table::SUMMARY: return &summaries_;
    default: return nullptr;
  }
}

Result<bool> KnownRows::get(Table table, std::string_view key, std::string& value) const {
  Rows* const rows = kept(table);
  if (rows == nullptr) return below_.get(table, key, value);
  if (const auto known = rows->find(key); known != rows->end()) {
    if (known->second.has_value()) value = *known->second;
    return known->second.has_value();
  }
  ASSIGN(const bool found, below_.get(table, key, value));
  if (rows->size() >= KNOWN_ROWS_MAX) rows->clear();
  rows->emplace(key, found ? std::optional(value) : std::nullopt);
  return found;
}

void KnownRows::written(const Overlay& changes) {
  for (const Table table : {Table::INODE, Table::SUMMARY}) {
    Rows& rows = *kept(table);
    if (rows.empty()) continue;
    // Only what is known already: of a group's inodes nearly all are files, which nobody asks for.
    for (const auto& [key, row] : changes.rows(table)) {
      if (const auto known = rows.find(key); known != rows.end()) known->second = row.value;
    }
  }
}

}  // namespace cairn::nn
