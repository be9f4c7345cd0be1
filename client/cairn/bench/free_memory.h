// Free memory as a machine that has run for a while has it.
// Layer: client/cairn.  Threads: any; blocks.
#pragma once

#include <cstdint>

namespace cairn::app {

// Touches `bytes` of free memory, or most of it when that is less, and gives it back. A virtual
// machine hands memory that has lain free for some seconds to its host, and the next one to touch a
// page waits until it is there again: a program that writes files (into the system's cache) may
// spend half of its time there, or none, by what ran before it. Whoever is measured after this call
// pays nothing of it. Cost: from 0.1 to 2 s a GiB.
void touchFreeMemory(std::uint64_t bytes);

}  // namespace cairn::app
