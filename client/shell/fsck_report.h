// What fsck makes of a file's chunks, and how it says so.
// Layer: client/shell.  Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cairn/types.h"
#include "client/shell/json.h"
#include "client/shell/salvage.h"

namespace cairn::shell {

struct FsckDetail {
  bool files = false;
  bool chunks = false;
  bool locations = false;
  bool racks = false;  // of the locations
};

// Counts of chunks. One that is being written counts as open and as nothing else.
struct FileHealth {
  std::uint64_t open = 0;
  std::uint64_t missing = 0;          // no live replica
  std::uint64_t damaged = 0;          // every replica that is known reads wrong somewhere
  std::uint64_t underReplicated = 0;  // by those that nobody said to read wrong
  std::uint64_t overReplicated = 0;
  std::uint64_t suspects = 0;          // replicas that were said to read wrong
  std::uint64_t storedReplicated = 0;  // bytes on disks, the replicas there are
};
FileHealth judge(const Entry& file, std::span<const ChunkLocation> chunks);

struct FsckTotals {
  std::uint64_t directories = 0;
  std::uint64_t files = 0;
  std::uint64_t openFiles = 0;      // that are being written
  std::uint64_t leftOut = 0;        // of these: they count nowhere else
  std::uint64_t leftOutChunks = 0;  // of these
  std::uint64_t leftOutLength = 0;  // plain bytes of their chunks that are complete
  std::uint64_t unreadable = 0;     // of the open files: their last known byte cannot be read now
  std::uint64_t chunks = 0;
  std::uint64_t plain = 0;
  std::uint64_t stored = 0;            // one replica of each chunk
  std::uint64_t storedReplicated = 0;  // the replicas there are
  std::uint64_t missing = 0;
  std::uint64_t damaged = 0;
  std::uint64_t underReplicated = 0;
  std::uint64_t overReplicated = 0;
  std::uint64_t suspects = 0;
  std::uint64_t notLookedInto = 0;  // files, and directories with all that is below them

  bool corrupt() const { return missing > 0 || damaged > 0 || unreadable > 0; }
  void add(const Entry& file, const FileHealth& health);
  // A file that is being written, whose chunks are no matter of the verdict yet.
  void leaveOut(const Entry& file);
  // Ends with "The filesystem under path '<path>' is HEALTHY" or CORRUPT, as HDFS's does;
  // INCOMPLETE when nothing is known to be missing and something was not looked into.
  std::string summary(std::string_view path) const;
  // A JSON object of the same, with "healthy" (false when INCOMPLETE), and with what was listed (a
  // JSON array).
  std::string json(std::string_view path, std::string_view listedFiles) const;
};

// One line for the file; as many more as `detail` asks for.
std::string describeFile(std::string_view name, const Entry& file,
                         std::span<const ChunkLocation> chunks, const FileHealth& health,
                         const FsckDetail& detail);

// Of a file that is being written and whose last known byte cannot be read: what is so, and what
// can be done. `why`: of the read.
std::string describeUnreadable(std::string_view name, const Entry& file, std::string_view why);

// A line for each chunk that has no live replica or damaged ones alone: "<id>_<generation>", a tab
// and the file's name.
std::string corruptChunks(std::string_view name, std::span<const ChunkLocation> chunks);
// What stands below those lines, as in HDFS.
std::string corruptSummary(std::string_view path, const FsckTotals& totals);

// What was done with a file that has missing or damaged chunks.
struct GivenUp {
  Salvage salvage;
  bool removed = false;
  bool whole = false;  // --delete has found that all of it can be read
};
// A line for each of its parts, below that of the file. `terminal`: as for nameFor() (text.h).
std::string describe(const GivenUp& file, bool terminal);
// The same: "copied" and "lost" (arrays; "certain": for good), "removed", "reads_whole".
void tell(JsonObject& file, const GivenUp& what);

// The same as describeFile() as a JSON object: all there is to tell.
JsonObject fileJson(std::string_view name, const Entry& file, std::span<const ChunkLocation> chunks,
                    const FileHealth& health, const FsckDetail& detail);

}  // namespace cairn::shell
