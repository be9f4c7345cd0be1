// A directory of a test's own, removed with everything in it.
// Layer: tests/testkit.
#pragma once

#include <string>
#include <string_view>

namespace cairn::testkit {

class ScratchDir {
public:
  // Under TMPDIR, or /tmp. Aborts when it cannot be made.
  ScratchDir();
  ~ScratchDir();
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

private:
  std::string path_;
};

// The whole content; a failed expectation and "" when it cannot be read.
std::string readFile(const std::string& path);
void writeFile(const std::string& path, std::string_view content);

}  // namespace cairn::testkit
