#include "tests/testkit/replica_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace cairn::testkit {

namespace fs = std::filesystem;

std::vector<std::string> replicaFiles(const std::string& directory, const std::string& state,
                                      std::uint64_t chunk) {
  char prefix[20];
  std::snprintf(prefix, sizeof(prefix), "%016llx-", static_cast<unsigned long long>(chunk));
  std::vector<std::string> paths;
  std::error_code error;  // the datanode removes and renames while we look
  for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error)) {
    const auto& path = at->path();
    std::error_code gone;
    if (!at->is_regular_file(gone)) continue;
    if (path.string().find("/" + state + "/") == std::string::npos) continue;
    if (chunk == 0 || path.filename().string().starts_with(prefix)) paths.push_back(path.string());
  }
  std::ranges::sort(paths);
  return paths;
}

void flipBit(const std::string& path, std::uint64_t at) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  EXPECT_TRUE(file.good()) << path << " has no byte " << at;
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 1));
}

}  // namespace cairn::testkit
