// Look-ups that may not wait for the disk: an event loop serves thousands of calls a second from
// memory, and one that a disk holds up holds up all of them.
//
// A call is first made with a MemoryOnly in force. What it looks up and is neither in memory nor in
// RocksDB's cache is noted, and the look-up fails. The call is then not answered: the rows are
// fetched elsewhere (Store::fetch) and the call is made again, which finds them in the cache.
// Layer: meta.  Threads: each object is one thread's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "namenode/meta/table.h"

namespace cairn::nn {

// One look-up that would have gone to the disk.
struct ColdRow {
  Table table;
  std::string key;             // of a cursor: where it begins
  std::string prefix;          // of a cursor
  std::size_t cursorRows = 0;  // from `key` on that a cursor has passed; of a look-up: none
  bool cursor = false;
};

class MemoryOnly {
public:
  // In force on this thread until end() or the destructor. REQUIRES: no other one is.
  MemoryOnly();
  ~MemoryOnly();
  MemoryOnly(const MemoryOnly&) = delete;
  MemoryOnly& operator=(const MemoryOnly&) = delete;

  // What was not in memory. Empty: all that was read is right.
  const std::vector<ColdRow>& missed() const { return missed_; }
  std::vector<ColdRow> takeMissed() { return std::move(missed_); }

  // --- Of the one in force on this thread ---
  // For look-ups. Null: they may wait.
  static MemoryOnly* inForce();
  // Whether a look-up has failed for it: then nothing that was read may be acted upon.
  static bool hasMissed();
  // The call is decided: what is read from now on, for its answer or behind it, may wait.
  static void end();

  // For look-ups: notes the row. Returns what they are to answer.
  Status miss(ColdRow row);

private:
  std::vector<ColdRow> missed_;
};

}  // namespace cairn::nn
