// The files of a datanode's replicas, seen from outside: to know how far a write has come, and to
// damage them.
// Layer: tests/testkit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cairn::testkit {

// Paths of the replicas in that state ("rbw", "final", "quarantine") below the daemon's directory,
// sorted; of this chunk alone when it is not 0.
std::vector<std::string> replicaFiles(const std::string& directory, const std::string& state,
                                      std::uint64_t chunk = 0);

// Turns the lowest bit of that byte over. A failed expectation when the file is shorter.
void flipBit(const std::string& path, std::uint64_t at);

}  // namespace cairn::testkit
