// A directory for a benchmark's data, removed with everything in it.
// Layer: client/cairn.
#pragma once

#include <string>

namespace cairn::app {

class BenchScratch {
public:
  // Under TMPDIR, or /tmp. Throws std::system_error when it cannot be made.
  BenchScratch();
  ~BenchScratch();
  BenchScratch(const BenchScratch&) = delete;
  BenchScratch& operator=(const BenchScratch&) = delete;
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

}  // namespace cairn::app
