// Parts of files of the cluster, and files as text, to standard output.
// Layer: client/shell.  Threads: the main thread.
// Errors of all: what open() and reading say; CANCELLED with an empty message when nobody reads the
// output any more.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "cairn/client.h"
#include "client/shell/console.h"
#include "common/base/result.h"

namespace cairn::shell {

// The first `bytes` bytes, or all there are.
Result<void> printHead(Client& client, const std::string& path, std::uint64_t bytes,
                       Console& console);

struct Follow {
  bool wanted = false;
  int everyMs = 5000;  // as Hadoop's
  std::function<bool()> over;
};
// The last `bytes` bytes; then, if it is wanted, what is added to the file, until it is `over`. A
// file that has become shorter is followed from its new end, and so is another that has the path
// now.
Result<void> printTail(Client& client, const std::string& path, std::uint64_t bytes,
                       const Follow& follow, Console& console);

// A file as text: unpacked, if it is packed (unpack.h).
Result<void> printText(Client& client, const std::string& path, Console& console);

}  // namespace cairn::shell
