// Adds local files to the end of a file of the cluster.
// Layer: client/shell.  Threads: the main thread.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "cairn/client.h"
#include "client/shell/expand.h"
#include "client/shell/progress.h"
#include "client/shell/transfer_pool.h"
#include "common/base/result.h"

namespace cairn::shell {

struct Append {
  std::span<const std::string> sources;  // local names; "-": standard input
  bool newChunk = false;                 // begin a chunk of its own
  CreateOptions create;                  // for a target that does not exist
};

// Opens (or makes) the target first, and then reads the sources one after the other. A source that
// fails, and a signal, end it; what was added before stays, and the file is closed. The failure
// names the source, or the target.
std::optional<TransferPool::Failure> append(Client& client, const Item& target, const Append& job,
                                            Meter& meter);

}  // namespace cairn::shell
