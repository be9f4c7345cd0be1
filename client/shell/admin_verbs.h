// What `cairn admin` does to single files and directories, each in a file of its own name.
// Layer: client/shell.  Threads: the main thread.
#pragma once

#include "client/shell/verb.h"

namespace cairn::shell {

// Operands are the words behind `cairn admin`, the action's own name first. All return the exit
// code.
int recoverLease(Verb& verb, Client& client);
int storagePolicy(Verb& verb, Client& client);

}  // namespace cairn::shell
