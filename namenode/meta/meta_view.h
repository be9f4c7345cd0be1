// What the namenode's operations read through: the database, layers of changes on top of it
// (draft.h), a snapshot (store.h), or a map in tests (tests/namenode/map_view.h).
// Layer: meta.  Threads: const methods from any thread unless an implementation says otherwise.
// Errors: IO_ERROR and CORRUPT: the disk or the tables are damaged. Whoever reads gives up with it
// and has changed nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/schema/namenode.pb.h"
#include "namenode/meta/table.h"

namespace cairn::nn {

// Walks rows in byte order of their keys, within one prefix. Sees one moment of the table, unless
// an implementation says otherwise. key() and value() are valid until the cursor moves.
class Cursor {
public:
  virtual ~Cursor() = default;
  // False at the end, and after an error: then status() tells which.
  virtual bool valid() const = 0;
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  virtual void next() = 0;
  // To the first row at or after `key` within the prefix the cursor was made with; in any
  // direction.
  virtual void seek(std::string_view key) = 0;
  virtual Result<void> status() const = 0;
};

// How new chunks are compressed.
struct CompressionSetting {
  record::Codec codec = record::CODEC_ZSTD;
  std::int32_t zstdLevel = 1;

  bool operator==(const CompressionSetting&) const = default;
};

// What the walk along a path needs of a directory on it. `directory` is false for a file, which
// then is where the path should have ended.
struct PathNode {
  InodeId id;
  bool directory = false;
  std::uint16_t mode = 0;
  std::string owner;
  std::string group;
  std::optional<CompressionSetting> compression;  // of new files below it
};

class MetaView {
public:
  virtual ~MetaView() = default;

  // True and the row's bytes in `value`, or false. `value` may serve as a buffer over many calls.
  virtual Result<bool> get(Table table, std::string_view key, std::string& value) const = 0;
  // At the first row at or after `from` whose key starts with `prefix`. The view must outlive the
  // cursor. Whoever knows where to begin says so here: where many rows before it were removed,
  // going to the first one and then on costs time for each of those.
  virtual std::unique_ptr<Cursor> scanFrom(Table table, std::string_view prefix,
                                           std::string_view from) const = 0;
  std::unique_ptr<Cursor> scan(Table table, std::string_view prefix) const {
    return scanFrom(table, prefix, prefix);
  }
  // The child `name` of the directory `parent`; null when there is none. Implementations may answer
  // for directories from a cache.
  virtual Result<std::shared_ptr<const PathNode>> findNode(InodeId parent,
                                                           std::string_view name) const;
};

}  // namespace cairn::nn
