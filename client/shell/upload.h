// Copies one stream of bytes into a file of the cluster.
// Layer: client/shell.  Threads: the main thread.
#pragma once

#include <cstdint>
#include <string>

#include "cairn/client.h"
#include "client/shell/connect.h"
#include "client/shell/progress.h"
#include "common/base/result.h"

namespace cairn::shell {

struct Upload {
  int descriptor = -1;   // read to its end; not owned
  std::string source;    // its name, for messages and progress
  std::string target;    // absolute
  CreateOptions create;  // `overwrite` says whether an existing file may be replaced
  bool viaTemporary = true;
};

// Writes under a temporary name and renames at the end: `target` is whole or as it was. Whatever
// ends it early removes the temporary file; an error says so when that was not possible.
// CANCELLED: a signal, which is obeyed at once, also while a node is waited for; the message tells
// what is left behind, or is empty. ALREADY_EXISTS: without overwrite, a target that came
// meanwhile.
Result<Entry> upload(Connection& connection, Client& client, const Upload& job, Meter& meter);

}  // namespace cairn::shell
