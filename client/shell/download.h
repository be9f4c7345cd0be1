// Copies one file of the cluster into a local file or stream.
// Layer: client/shell.  Threads: the main thread, or one of a TransferPool.
#pragma once

#include <time.h>

#include <array>
#include <functional>
#include <string>

#include "cairn/client.h"
#include "client/shell/progress.h"
#include "client/shell/transfer_pool.h"
#include "common/base/result.h"

namespace cairn::shell {

struct Download {
  std::string shown;   // the source, for progress
  std::string target;  // local; its directory exists
  bool overwrite = false;
  bool preserve = false;  // rights and times of the source
  // Set, where given, when it was the source that failed.
  bool* sourceFailed = nullptr;
};

// Writes what is left of `file` under a temporary name beside the target and renames at the end, as
// upload() does. A target that is no regular file (a pipe, /dev/null) is written to as it is.
// ALREADY_EXISTS; CANCELLED by a signal, which is obeyed at once; what the system said of the
// target, or the failed read. `client`: the one that opened the file. `leftovers`: of the pool on
// whose threads this runs.
Result<void> download(Client& client, InputFile& file, const Download& job, Meter& meter,
                      Leftovers* leftovers = nullptr);

// Times of access and of change, as utimensat() takes them.
std::array<timespec, 2> localTimesOf(const Entry& entry);

// To an open descriptor, which `sink` names in messages. CANCELLED with an empty message when
// nobody reads it any more (a closed pipe). `sourceFailed` as above.
Result<void> downloadTo(InputFile& file, int descriptor, const std::string& sink,
                        Meter::File& progress, bool* sourceFailed = nullptr);

// Has `write` fill a file under a temporary name, and gives it the name `target` when that went
// well. Errors and devices as for download().
struct LocalTarget {
  std::string path;
  bool overwrite = false;
};
Result<void> writeLocal(
    Client& client, const LocalTarget& target,
    const std::function<Result<void>(int descriptor, const std::string& name)>& write,
    Leftovers* leftovers = nullptr);

}  // namespace cairn::shell
