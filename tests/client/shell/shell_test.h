// A small cluster for tests of the shell: one for all tests of a class, and for each test a
// directory of its own, here and there.
// Layer: tests/client.  Threads: one.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/testkit/mini.h"
#include "tests/testkit/scratch.h"

namespace cairn::testkit {

class ShellTest : public ::testing::Test {
protected:
  static void SetUpTestSuite() { mini_ = new Mini({"--datanodes", "1", "--fs.replication", "1"}); }
  static void TearDownTestSuite() {
    EXPECT_EQ(mini_->stop(), 0) << mini_->process().errors();
    delete mini_;
  }
  void SetUp() override {
    ASSERT_TRUE(mini_->serving());
    const auto name =
        std::string("/") + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    remote_ = name;
    local_ = mini_->scratch().path() + name;
    std::filesystem::create_directories(local_);
    ASSERT_EQ(cairn({"mkdir", remote_}).code, 0);
  }

  static Outcome cairn(std::vector<std::string> words) { return mini_->cairn(std::move(words)); }
  // The same with a file as its standard input.
  static Outcome cairnReading(const std::string& input, std::vector<std::string> words) {
    std::vector<std::string> command{"/bin/sh", "-c", "exec \"$@\" < \"$0\"", input, cairnBinary()};
    command.insert(command.end(), words.begin(), words.end());
    return mini_->program(std::move(command));
  }
  // Exit code, output and complaint: "0 out|err".
  static std::string asText(const Outcome& outcome) {
    return std::to_string(outcome.code) + " " + outcome.out + "|" + outcome.err;
  }
  static std::string all(std::vector<std::string> words) { return asText(cairn(std::move(words))); }
  std::string there(const std::string& name) const { return remote_ + "/" + name; }
  std::string here(const std::string& name) const { return local_ + "/" + name; }
  // A file of this content, there.
  void have(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories(std::filesystem::path(here(name)).parent_path());
    writeFile(here(name), content);
    const auto parent = std::filesystem::path(there(name)).parent_path().string();
    if (parent != remote_) ASSERT_EQ(cairn({"mkdir", "-p", parent}).err, "");
    ASSERT_EQ(cairn({"put", "-f", here(name), there(name)}).err, "");
  }
  std::string format(const std::string& letters, const std::string& name) const {
    return cairn({"stat", "-c", letters, there(name)}).out;
  }
  std::string missing(const std::string& verb, const std::string& name) const {
    return "1 |cairn: " + verb + ": " + there(name) + ": no such file or directory\n";
  }
  // What is wrong with a command line: "2 |cairn: ...", without where to read about it.
  static std::string misuse(std::vector<std::string> words) {
    const auto outcome = all(std::move(words));
    return outcome.substr(0, outcome.find(" (see "));
  }

  static inline Mini* mini_ = nullptr;
  std::string remote_;
  std::string local_;
};

}  // namespace cairn::testkit
