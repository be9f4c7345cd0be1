// What all daemons' main loops have in common: the log, the signals, one service until the end.
// Layer: client/cairn.  Threads: the main thread.
#pragma once

#include <kj/async-io.h>

#include <functional>
#include <string>

#include "client/cairn/service.h"
#include "client/shell/command.h"
#include "common/config/shared_config.h"

namespace cairn::app {

// Call it before any thread or event loop is made: from now on SIGINT and SIGTERM are taken by
// onEndSignal() instead of ending the process.
void captureEndSignals();
// Settles with the signal's number at the first SIGINT or SIGTERM; the next one ends the process.
kj::Promise<int> onEndSignal(kj::AsyncIoContext& io);
// Raises the process's limit of open files as far as it may: chunks and connections are many.
void raiseOpenFileLimit();

// Runs the service until SIGINT, SIGTERM or its own end, and returns the exit code. Prints
// "ready <name>=<address>" once it is of use. A second signal ends the process at once.
int runDaemon(const shell::Invocation& call, const std::string& name, const config::LogConfig& log,
              std::function<kj::Own<Service>(kj::AsyncIoContext& io)> make);

}  // namespace cairn::app
