#include "tests/testkit/scratch.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace cairn::testkit {

ScratchDir::ScratchDir() {
  const char* parent = ::getenv("TMPDIR");
  path_ = std::string(parent != nullptr ? parent : "/tmp") + "/cairn-test.XXXXXX";
  if (::mkdtemp(path_.data()) == nullptr) {
    std::perror("a directory for the test");
    std::abort();
  }
}

ScratchDir::~ScratchDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string readFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path << " cannot be read";
  std::ostringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

void writeFile(const std::string& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  EXPECT_TRUE(file.good()) << path << " cannot be written";
}

}  // namespace cairn::testkit
