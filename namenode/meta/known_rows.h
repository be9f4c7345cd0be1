// A view that keeps rows of the tables inode and summary once it has read them, for whoever writes
// the groups: each needs the same few directories as the one before it (summaries.h), and between
// two groups nobody else writes.
// Layer: meta.  Threads: one at a time, reads included: the writer's.
// Cost: some 200 bytes a row; KNOWN_ROWS_MAX of each table at most.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "namenode/meta/meta_view.h"
#include "namenode/meta/overlay.h"

namespace cairn::nn {

// Rows kept of a table; when one more comes, all of them are forgotten.
inline constexpr std::size_t KNOWN_ROWS_MAX = 4096;

class KnownRows final : public MetaView {
public:
  // `below` outlives it. REQUIRES: from now on its rows change by what written() is told alone.
  explicit KnownRows(const MetaView& below) : below_(below) {}

  // The row, or that there is none, as it was read or written last. An error is not kept.
  Result<bool> get(Table table, std::string_view key, std::string& value) const override;
  // Of the view below.
  std::unique_ptr<Cursor> scanFrom(Table table, std::string_view prefix,
                                   std::string_view from) const override {
    return below_.scanFrom(table, prefix, from);
  }

  // These changes are in the view below.
  void written(const Overlay& changes);

private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };
  // By key; nothing: there is no such row.
  using Rows = std::unordered_map<std::string, std::optional<std::string>, Hash, std::equal_to<>>;

  // Null for a table whose rows are not kept.
  Rows* kept(Table table) const;

  const MetaView& below_;
  mutable Rows inodes_;
  mutable Rows summaries_;
};

}  // namespace cairn::nn
