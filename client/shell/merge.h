// Joins files of the cluster into one local file.
// Layer: client/shell.  Threads: the main thread.
#pragma once

#include <string>
#include <vector>

#include "cairn/client.h"
#include "client/shell/expand.h"
#include "client/shell/progress.h"
#include "common/base/result.h"

namespace cairn::shell {

struct Merge {
  bool newlines = false;   // one behind each file
  bool skipEmpty = false;  // but not behind empty ones
};

// The files that are joined for `items`, in order: files as they are, for a directory the files
// that lie in it (not further below), by name. Errors are those of the listing.
Result<std::vector<Item>> filesToMerge(Client& client, const std::vector<Item>& items);

// Writes them to a descriptor, which `sink` names. CANCELLED as for downloadTo(). When it is one of
// the files that failed, `atFault` becomes its name.
Result<void> mergeTo(Client& client, const std::vector<Item>& files, const Merge& merge,
                     int descriptor, const std::string& sink, Meter& meter, std::string& atFault);
// To the local file `target`, which is replaced when all are joined, and left alone before.
Result<void> mergeInto(Client& client, const std::vector<Item>& files, const Merge& merge,
                       const std::string& target, Meter& meter, std::string& atFault);

}  // namespace cairn::shell
