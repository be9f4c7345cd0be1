// How a task tracker behaves. main() fills it; nothing below reads an environment.
// Layer: mapreduce/tasktracker.  A value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/rpc/acceptor.h"

namespace cairn::mr {

struct TaskTrackerOptions {
  std::string directory;               // created when missing; one tracker's own
  std::string listen = "127.0.0.1:0";  // where other hosts' reduces fetch
  std::string jobtracker = "127.0.0.1:8021";
  std::string namenode = "127.0.0.1:8020";
  ClusterId cluster;  // nil: any
  rpc::AcceptorOptions acceptor;
  std::string name;  // for people; "" = its address
  // The datanode beside this tracker, by the address it registered with the namenode; "" = none.
  // `node`, when known, saves the question.
  std::string datanode;
  NodeId node;
  std::string machine;  // boot id of the host
  std::string rack = "/default-rack";
  std::uint32_t mapSlots = 2;
  std::uint32_t reduceSlots = 2;
  // The cairn binary: program of built-in jobs and guard of all attempts (guard.h).
  std::string cairnBinary = "/proc/self/exe";

  std::uint64_t logBytesMax = 1 << 20;            // of each of stdout and stderr of an attempt
  std::uint64_t taskMemoryBytesMax = 4ull << 30;  // address space of a task; 0 = unlimited
  std::uint64_t taskFileBytesMax = 0;             // of one file it writes; 0 = unlimited
  std::uint32_t taskOpenFilesMax = 4096;
  std::uint32_t killGraceMs = 5000;  // after which the guard is killed, too
  // Without a report; 0 = never. Hadoop mapreduce.task.timeout, which a job may set for itself.
  std::uint32_t taskTimeoutMs = 600'000;
  // "NAME=value": what tasks get besides TMPDIR, HOME and the names of the attempt.
  std::vector<std::string> taskEnvironment = {"PATH=/usr/local/bin:/usr/bin:/bin"};
  std::uint32_t taskUid = 0;  // 0: tasks keep the tracker's user
  std::uint32_t taskGid = 0;
};

}  // namespace cairn::mr
