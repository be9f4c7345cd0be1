// Copies one stream of bytes into a file of the cluster.
// Layer: client/shell.  Threads: the main thread, or one of a TransferPool.
#pragma once

#include <cstdint>
#include <string>

#include "cairn/client.h"
#include "client/shell/byte_source.h"
#include "client/shell/connect.h"
#include "client/shell/progress.h"
#include "client/shell/transfer_pool.h"
#include "common/base/result.h"

namespace cairn::shell {

struct Upload {
  ByteSource& source;    // read to its end
  std::string name;      // the source's, for messages and progress
  std::string target;    // absolute
  CreateOptions create;  // `overwrite` says whether an existing file may be replaced
  bool viaTemporary = true;
};

// Writes under a temporary name and renames at the end: `target` is whole or as it was. Whatever
// ends it early removes the temporary file; an error says so when that was not possible.
// CANCELLED: a signal, which is obeyed at once, also while a node is waited for; the message tells
// what is left behind, or is empty. ALREADY_EXISTS: without overwrite, a target that came
// meanwhile. LEASE_EXPIRED: somebody else has removed or replaced the temporary file, another put
// of the same target for one. `leftovers`: of the pool on whose threads this runs.
Result<Entry> upload(Connection& connection, Client& client, const Upload& job, Meter& meter,
                     Leftovers* leftovers = nullptr);

// Writes all that `source` has into `file`, which is open under `path`, and does not close it.
// CANCELLED by a signal; LEASE_EXPIRED: somebody else has removed or replaced the file.
Result<void> pump(ByteSource& source, OutputFile& file, const std::string& path,
                  Meter::File& progress);

}  // namespace cairn::shell
