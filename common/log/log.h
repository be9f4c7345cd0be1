// Logging: LOG(INFO|WARNING|ERROR|FATAL), LOG_EVERY_N, LOG_FIRST_N, VLOG, CHECK and CHECK_EQ... of
// glog. This is the only file that includes glog.
// Layer: log (std and glog).  Threads: any.  Cost: about 1 us a line, more with a slow disk: not
// for the path of a single read or write.
//
// What goes where:
//   INFO     what an operator wants to find afterwards: started, registered, lost, repaired
//   WARNING  something failed and was dealt with
//   ERROR    somebody has to act: a volume failed, data is short of replicas
//   CHECK    an invariant that protects data is broken; the process stops. Never for input from
//            peers, disks or users: those get a Status.
// Nothing is ever written to stdout: it belongs to the commands' output.
//
// A line logged before init goes to stderr.
#pragma once

#include <glog/logging.h>

#include <cstdint>
#include <string>

#include "common/base/result.h"

namespace cairn::log {

enum class Level : std::uint8_t { INFO, WARNING, ERROR };

// "info", "warning", "error". INVALID_ARGUMENT for anything else.
Result<Level> parseLevel(std::string_view text);

struct Options {
  std::string program;  // "namenode"; names the log files and stands in crash traces
  // Files <directory>/<program>.<date>.<pid>, the newest also as <program>.INFO; "" = stderr.
  std::string directory;
  Level level = Level::INFO;
};

// For daemons, once per process, before threads start. Creates the directory. Log lines carry
// level, time, thread and place. Fatal signals and failed CHECKs leave a stack trace on stderr and,
// with a directory, in <directory>/<program>.crash. Files turn over at 100 MB and are removed after
// 14 days; a full disk stops logging, not the daemon.
Result<void> initDaemon(const Options& options);

// For client commands: warnings and worse go to stderr as bare text, nothing else anywhere; no
// files, no signal handlers, no threads.
void initClient(const std::string& program);

// Writes out what glog buffers (files: up to a second's worth). main() calls it before it returns.
void flush();

}  // namespace cairn::log
