// A directory on the real disk that is gone when the test is.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

namespace cairn::io {

class TempDir {
public:
  TempDir() {
    std::string pattern = ::testing::TempDir() + "cairn-io-XXXXXX";
    const char* made = ::mkdtemp(pattern.data());
    EXPECT_NE(nullptr, made);
    path_ = pattern;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }

private:
  std::string path_;
};

}  // namespace cairn::io
