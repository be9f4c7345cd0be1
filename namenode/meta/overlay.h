// A set of changes to the tables, held in memory in the order of the keys: what one operation
// wants to change, and what a group of operations is about to make durable.
// Layer: meta.  Threads: one writer; when it does not change any more, readers any
// number. Cost: a map per table; O(log n) each.
//
// Not RocksDB's WriteBatchWithIndex: two of those cannot be stacked, for it answers "not found"
// alike for a row that was removed and for one it does not mention.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "namenode/meta/below.h"
#include "namenode/meta/table.h"

namespace cairn::nn {

// How many of each there are more (or fewer) after a set of changes.
struct CountChanges {
  std::int64_t files = 0;
  std::int64_t directories = 0;
  std::int64_t chunks = 0;
  std::int64_t garbage = 0;

  void add(const CountChanges& other) {
    files += other.files;
    directories += other.directories;
    chunks += other.chunks;
    garbage += other.garbage;
  }
};

class Overlay {
public:
  struct Row {
    std::optional<std::string> value;  // nothing: removed
    // Whether the row exists in what lies below this overlay. A removed row that does not is
    // forgotten at once: a delete of a key that was never there costs every later scan.
    bool existsBelow = false;
    // The row of a directory that exists below, where it says the same of all that a walk along a
    // path needs (PathNode): it has more children, or another time. Nearly all changes of a
    // directory are of that kind, and the next walk can do without them.
    bool sameForPaths = false;
  };
  using Rows = std::map<std::string, Row, std::less<>>;

  // `existsBelow` counts at the first change of a row only; `sameForPaths` as long as all changes
  // of the row have said so.
  void put(Table table, std::string_view key, std::string value, bool existsBelow,
           bool sameForPaths = false);
  void erase(Table table, std::string_view key, bool existsBelow);

  // The change of this row; null when there is none. Valid until the next change.
  const Row* find(Table table, std::string_view key) const {
    const auto& rows = rows_[indexOf(table)];
    if (rows.empty()) return nullptr;
    // Nearly all keys that are not here lie outside of those that are: new names and inodes behind
    // the last, directories nearer to the root before the first.
    const int order = key.compare(rows.begin()->first);
    if (order <= 0) return order == 0 ? &rows.begin()->second : nullptr;
    if (key > rows.rbegin()->first) return nullptr;
    const auto it = rows.find(key);
    return it == rows.end() ? nullptr : &it->second;
  }
  const Rows& rows(Table table) const { return rows_[indexOf(table)]; }
  bool empty() const { return rowCount_ == 0; }
  std::size_t rowCount() const { return rowCount_; }
  // Keys and values, about.
  std::size_t bytes() const { return bytes_; }

  // Applies the changes of `newer`, which were made with this overlay below them, but for its
  // holders, who are of one operation. `newer` is of no use afterwards.
  void absorb(Overlay&& newer);

  // Directories (keys of table dirent) that were removed, renamed or got other rights: what a
  // directory cache must forget.
  const std::vector<std::string>& changedDirectories() const { return changedDirectories_; }
  void noteChangedDirectory(std::string_view direntKey) {
    changedDirectories_.emplace_back(direntKey);
  }

  // Directories that were made here, and hold what these changes put into them: KnownNames.
  const std::vector<InodeId>& newDirectories() const { return newDirectories_; }
  void noteNewDirectory(InodeId directory) { newDirectories_.push_back(directory); }

  // Who holds a file's lease from now on: what its row in table lease says, for those who keep
  // leases in memory.
  struct Holder {
    InodeId file;
    ClientId client;
  };
  const std::vector<Holder>& holders() const { return holders_; }
  void noteHolder(InodeId file, const ClientId& client) { holders_.push_back({file, client}); }

  // What changed below which directory, for their summaries.
  BelowChanges& below() { return below_; }
  const BelowChanges& below() const { return below_; }

  // A call that has made changes here: bytes of a RecordedCalls with it alone. They lie one behind
  // the other, which is how Protobuf joins lists, and become one row.
  void recordCall(std::string_view bytes) {
    recordedCalls_ += bytes;
    bytes_ += bytes.size();
  }
  const std::string& recordedCalls() const { return recordedCalls_; }
  // The group will get nothing more: its calls become the row of table retry.
  void sealCalls(TxId group);

  CountChanges& counts() { return counts_; }
  const CountChanges& counts() const { return counts_; }

private:
  void set(Table table, std::string_view key, Row change);

  std::array<Rows, TABLE_COUNT> rows_;
  std::size_t rowCount_ = 0;
  std::size_t bytes_ = 0;
  std::vector<std::string> changedDirectories_;
  std::vector<InodeId> newDirectories_;
  std::vector<Holder> holders_;
  BelowChanges below_;
  std::string recordedCalls_;
  CountChanges counts_;
};

}  // namespace cairn::nn
