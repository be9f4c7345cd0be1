// The options that Hadoop's tools take in front of the verb.
// Layer: client/shell.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/settings.h"

namespace cairn::shell::hadoop {

struct GenericOptions {
  std::vector<std::string> words;  // what is left
  // Why no file can be made with them, when that is so: a number of replicas or a size of chunks
  // beyond the limits. In Hadoop the namenode says it to the verb that makes a file, where a value
  // that is no number is wrong usage.
  std::optional<Status> refused;
};

// Takes -D KEY=VALUE, -DKEY=VALUE, -conf FILE and -fs URI off the front of `words` and puts what
// they say into `settings`: dfs.replication, dfs.blocksize, fs.trash.interval,
// fs.permissions.umask-mode, fs.defaultFS. Other properties mean nothing here and are dropped. -D
// and -fs win over files, wherever they stand, and of several the last one. -jt, -files, -libjars
// and -archives are for jobs: they are taken, too, and mean nothing, but local files that they name
// have to be there. Each option but -D may have its value behind an equals sign.
// INVALID_ARGUMENT: an option without its value, a value that cannot be right. NOT_FOUND, in
// Hadoop's words: a file that one of the lists names. Of -conf also what readConfiguration() fails
// with.
Result<GenericOptions> takeGenericOptions(std::span<const std::string> words,
                                          config::Settings& settings);

}  // namespace cairn::shell::hadoop
