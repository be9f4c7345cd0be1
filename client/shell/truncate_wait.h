// Waits until a file that was truncated has its new length.
// Layer: client/shell.
#pragma once

#include <functional>
#include <string>

#include "cairn/client.h"
#include "common/base/result.h"

namespace cairn::shell {

// True when its last chunk has been cut on the datanodes and the file is closed again, false when
// it was `over`. Asks the namenode about ten times a second, without a limit, as Hadoop does: chunk
// recovery takes seconds, or as long as no datanode that has the chunk is there.
Result<bool> awaitTruncation(Client& client, const std::string& path,
                             const std::function<bool()>& over);

}  // namespace cairn::shell
