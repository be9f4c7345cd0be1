// The memory of a process, as the system counts it.
// Layer: tests/testkit.  Threads: any.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace cairn::testkit {

// Bytes. `what`: a line of /proc/PID/status in kB, "VmRSS" (now) or "VmHWM" (the most there ever
// was). A failed expectation and 0 when there is none.
std::uint64_t memoryOf(pid_t pid, const std::string& what);

}  // namespace cairn::testkit
