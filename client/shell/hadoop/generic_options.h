// The options that Hadoop's tools take in front of the verb.
// Layer: client/shell.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/settings.h"

namespace cairn::shell::hadoop {

// Takes -D KEY=VALUE, -DKEY=VALUE and -fs URI off the front of `words` and puts what they say into
// `settings`: dfs.replication, dfs.blocksize, fs.trash.interval, fs.permissions.umask-mode,
// fs.defaultFS. Other properties mean nothing here and are dropped. Returns what is left.
// INVALID_ARGUMENT: a value that cannot be right.
Result<std::vector<std::string>> takeGenericOptions(std::span<const std::string> words,
                                                    config::Settings& settings);

}  // namespace cairn::shell::hadoop
