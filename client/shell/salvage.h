// What `fsck --move` and `fsck --delete` stand on: which bytes of a file whose chunks are not all
// there can still be read, and copies of these.
// Layer: client/shell.  Threads: the main thread; blocks.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/client.h"

namespace cairn::shell {

// Bytes of one read: a frame of the cluster's usual size, within these.
inline constexpr std::uint64_t SALVAGE_BYTES_MIN = 16 << 10;
inline constexpr std::uint64_t SALVAGE_BYTES_MAX = 1 << 20;
// Reads of one chunk that fail for another reason than damage; then the rest of it is left out, for
// each may take a minute.
inline constexpr unsigned SALVAGE_FAILURES_MAX = 3;
// The directory that the copies lie below, as in HDFS.
inline constexpr std::string_view LOST_AND_FOUND = "/lost+found";

// A run of the file's bytes that stands in a file of its own.
struct Salvaged {
  std::string path;
  std::uint64_t offset = 0;  // in the damaged file, plain bytes
  std::uint64_t length = 0;
};

// A run of its bytes that no replica gave, and why; of the first of them.
struct Unreadable {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  Status why;
  // No replica is known, or all were read and are damaged. Else a datanode that does not answer
  // may have them.
  bool certain = false;
};

// In order of offsets.
struct Salvage {
  std::vector<Salvaged> pieces;
  std::vector<Unreadable> unreadable;
  // What ended it: what is behind was not looked at. Pieces up to there stay.
  std::optional<Status> failure;
};

// Reads the whole file. With `copy`, each run of bytes that can be read is copied to
// /lost+found<path>/0, 1, ..., with the file's mode and replication; they are the caller's. The
// file stays as it is. `chunks`: all of it. `over`: asked between two reads; when true it ends with
// CANCELLED. ALREADY_EXISTS: something is at /lost+found<path>; an earlier copy is never touched.
Salvage salvage(Client& client, const std::string& path, const Entry& file,
                std::span<const ChunkLocation> chunks, bool copy,
                const std::function<bool()>& over);

}  // namespace cairn::shell
