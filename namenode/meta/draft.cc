#include "namenode/meta/draft.h"

#include <optional>

#include "namenode/meta/merging_cursor.h"
#include "namenode/meta/records.h"

namespace cairn::nn {
namespace {

void count(CountChanges& counts, const record::Dirent& entry, int by) {
  (isDirectory(entry) ? counts.directories : counts.files) += by;
}

bool sameForPaths(const record::Dirent& a, const record::Dirent& b) {
  return a.id() == b.id() && a.kind() == b.kind() && a.mode() == b.mode() &&
         a.owner() == b.owner() && a.group() == b.group() && a.codec_set() == b.codec_set() &&
         a.codec() == b.codec() && a.zstd_level() == b.zstd_level();
}

}  // namespace

const Overlay::Row* Draft::findInLayers(Table table, std::string_view key, bool forPaths) const {
  const auto find = [&](const Overlay* layer) -> const Overlay::Row* {
    const auto* const row = layer == nullptr ? nullptr : layer->find(table, key);
    return row != nullptr && forPaths && row->sameForPaths ? nullptr : row;
  };
  if (const auto* row = find(&changes_)) return row;
  if (const auto* row = find(below_.pending)) {
    rest(RestsOn::PENDING);
    return row;
  }
  if (const auto* row = find(below_.inFlight)) {
    rest(RestsOn::IN_FLIGHT);
    return row;
  }
  return nullptr;
}

Result<bool> Draft::get(Table table, std::string_view key, std::string& value) const {
  if (const auto* row = findInLayers(table, key)) {
    if (!row->value.has_value()) return false;
    value = *row->value;
    return true;
  }
  return below_.durable->get(table, key, value);
}

std::unique_ptr<Cursor> Draft::scanFrom(Table table, std::string_view prefix,
                                        std::string_view from) const {
  const auto mentions = [&](const Overlay* layer) {
    if (layer == nullptr) return false;
    const auto it = layer->rows(table).lower_bound(prefix);
    return it != layer->rows(table).end() && it->first.starts_with(prefix);
  };
  if (mentions(below_.inFlight)) rest(RestsOn::IN_FLIGHT);
  if (mentions(below_.pending)) rest(RestsOn::PENDING);
  return std::make_unique<MergingCursor>(
      table, prefix, from,
      std::array<const Overlay*, 3>{&changes_, below_.pending, below_.inFlight},
      below_.durable->scanFrom(table, prefix, from));
}

Result<std::shared_ptr<const PathNode>> Draft::findNode(InodeId parent,
                                                        std::string_view name) const {
  const Key key = direntKey(parent, name);
  if (const auto* row = findInLayers(Table::DIRENT, key, true)) {
    if (!row->value.has_value()) return std::shared_ptr<const PathNode>();
    record::Dirent dirent;
    TRY(parseRow(Table::DIRENT, key, *row->value, dirent));
    return std::make_shared<const PathNode>(toPathNode(dirent));
  }
  return below_.durable->findNode(parent, name);
}

void Draft::addEntry(InodeId parent, std::string_view name, record::Dirent& entry) {
  count(changes_.counts(), entry, 1);
  changes_.below().entered(parent, entry);
  put(Table::DIRENT, direntKey(parent, name), entry, false);
}

void Draft::changeEntry(InodeId parent, std::string_view name, const record::Dirent& before,
                        record::Dirent after) {
  const Key key = direntKey(parent, name);
  const bool same = isDirectory(before) && sameForPaths(before, after);
  if (isDirectory(before) && !same) changes_.noteChangedDirectory(key);
  if (!isDirectory(before)) changes_.below().changed(parent, before, after);
  put(Table::DIRENT, key, after, true, same);
}

void Draft::touchEntry(InodeId parent, std::string_view name, record::Dirent& directory) {
  put(Table::DIRENT, direntKey(parent, name), directory, true, true);
}

void Draft::removeEntry(InodeId parent, std::string_view name, const record::Dirent& before) {
  const Key key = direntKey(parent, name);
  count(changes_.counts(), before, -1);
  changes_.below().left(parent, before);
  if (isDirectory(before)) changes_.noteChangedDirectory(key);
  erase(Table::DIRENT, key);
}

}  // namespace cairn::nn
