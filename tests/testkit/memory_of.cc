#include "tests/testkit/memory_of.h"

#include <gtest/gtest.h>

#include <fstream>

namespace cairn::testkit {

std::uint64_t memoryOf(pid_t pid, const std::string& what) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(what + ":")) return std::stoull(line.substr(what.size() + 1)) * 1024;
  }
  ADD_FAILURE() << "no " << what << " of process " << pid;
  return 0;
}

}  // namespace cairn::testkit
