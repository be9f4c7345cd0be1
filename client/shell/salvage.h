// What `fsck --move` does: copies what can still be read of a file whose chunks are not all there.
// Layer: client/shell.  Threads: the main thread; blocks.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/client.h"
#include "common/base/limits.h"

namespace cairn::shell {

// Bytes of one read: a frame of usual size.
inline constexpr std::uint64_t SALVAGE_BYTES = limits::FRAME_SIZE_DEFAULT;
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
};

// Both in order of their offsets; together they are the whole file.
struct Salvage {
  std::vector<Salvaged> pieces;
  std::vector<Unreadable> unreadable;
};

// Copies each run of bytes that can be read to /lost+found<path>/0, 1, ..., with the file's mode
// and replication; they are the caller's. The damaged file stays as it is. `chunks`: of the whole
// file. `over`: asked between two reads; when true the copying ends with CANCELLED. Where damage is
// found, what is left out is a read of SALVAGE_BYTES; where no replica answers, the rest of the
// chunk. ALREADY_EXISTS: something is at /lost+found<path>; an earlier copy is never touched.
// Errors of writing end it, and what was copied so far stays.
Result<Salvage> salvage(Client& client, const std::string& path, const Entry& file,
                        std::span<const ChunkLocation> chunks, const std::function<bool()>& over);

}  // namespace cairn::shell
