// The names within a trash, /user/<name>/.Trash, which are HDFS's: what was removed since the last
// checkpoint lies in Current; emptying renames that to a checkpoint, named by the time, and removes
// old checkpoints.
// Layer: base (std only).  Pure but for the process's time zone: names are in local time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

inline constexpr std::string_view TRASH_NAME = ".Trash";
inline constexpr std::string_view TRASH_CURRENT = "Current";
// Names to try for a checkpoint before giving up.
inline constexpr int TRASH_CHECKPOINTS_A_SECOND = 1000;

// "240131235959", or "240131235959-2" when `taken` others have that second's names already.
std::string trashCheckpointName(std::int64_t nowMs, int taken = 0);

// When a checkpoint was made, in milliseconds, to the second; nothing for a name that is none. Also
// of names without seconds, as old versions of Hadoop made them.
std::optional<std::int64_t> trashCheckpointTime(std::string_view name);

// Whether it is a checkpoint that was made more than `intervalMs` ago.
bool isOldTrashCheckpoint(std::string_view name, std::int64_t nowMs, std::int64_t intervalMs);

}  // namespace cairn
