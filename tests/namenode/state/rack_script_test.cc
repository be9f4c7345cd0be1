// Protects placement from a program that does not tell racks, and the namenode from one that hangs:
// what it prints is checked, and it is killed in time.
#include "namenode/state/rack_script.h"

#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "tests/testkit/results.h"
#include "tests/testkit/scratch.h"

namespace cairn::nn {
namespace {

constexpr std::uint32_t LONG_MS = 60'000;  // not reached

// Whether the process ends within seconds; nobody may have collected its end yet.
bool isGone(const std::string& pid) {
  for (int i = 0; i < 1000; ++i) {
    std::ifstream status("/proc/" + pid + "/stat");
    std::string number;
    std::string name;
    std::string state;
    if (!(status >> number >> name >> state) || state == "Z" || state == "X") return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

class RackScriptTest : public ::testing::Test {
protected:
  std::string program(const std::string& body) {
    const auto path = scratch_ / "racks.sh";
    testkit::writeFile(path, "#!/bin/sh\n" + body + "\n");
    EXPECT_EQ(::chmod(path.c_str(), 0755), 0);
    return path;
  }
  Result<std::string> ask(const std::string& body, std::uint32_t timeoutMs = LONG_MS) {
    const std::atomic<bool> stop = false;
    return askRack(program(body), "10.0.0.7", timeoutMs, stop);
  }

  testkit::ScratchDir scratch_;
};

TEST_F(RackScriptTest, TheHostIsItsArgumentAndItsLineTheRack) {
  EXPECT_EQ(ask("test $# = 1 && echo /of-$1").value(), "/of-10.0.0.7");
  EXPECT_EQ(ask("printf /hall/r1").value(), "/hall/r1") << "without an end of line";
  EXPECT_EQ(ask("cat; echo /r1").value(), "/r1") << "there is no input";
}

TEST_F(RackScriptTest, WhatIsNoRackIsRefused) {
  for (const char* body : {"true", "echo", "echo rack1", "echo /", "echo //r", "echo /r/"}) {
    EXPECT_CODE(Code::INVALID_ARGUMENT, ask(body)) << body;
  }
  EXPECT_CODE(Code::INVALID_ARGUMENT, ask("yes /r1")) << "without end";
}

TEST_F(RackScriptTest, AFailureIsNoAnswer) {
  const auto failed = ask("echo /r1; exit 3");
  EXPECT_CODE(Code::IO_ERROR, failed);
  EXPECT_NE(testkit::messageOf(failed).find("exit code 3"), std::string::npos);
  EXPECT_CODE(Code::IO_ERROR, ask("echo /r1; kill -9 $$"));
  const std::atomic<bool> stop = false;
  EXPECT_CODE(Code::NOT_FOUND, askRack(scratch_ / "none", "h", LONG_MS, stop));
}

TEST_F(RackScriptTest, OneThatHangsIsKilledWithAllThatItStarted) {
  EXPECT_CODE(Code::TIMED_OUT, ask("sleep 1000", 100));
  EXPECT_CODE(Code::TIMED_OUT, ask("echo /r1; exec >&-; sleep 1000", 100)) << "output closed";
  EXPECT_CODE(Code::TIMED_OUT, ask("sleep 1000 & echo $! >" + (scratch_ / "pid"), 100));
  auto child = testkit::readFile(scratch_ / "pid");
  child.pop_back();
  EXPECT_TRUE(isGone(child)) << "a process it left behind is alive";
}

TEST_F(RackScriptTest, AHostIsAskedAboutOnceUnlessItFails) {
  auto io = kj::setupAsyncIo();
  const auto asked = scratch_ / "asked";
  RackScript script(
      program("echo $1 >>" + asked + "; test -e " + (scratch_ / "up") + " && echo /r1"));
  EXPECT_EQ(script.rackOf("a").wait(io.waitScope), "");
  testkit::writeFile(scratch_ / "up", "");
  EXPECT_EQ(script.rackOf("a").wait(io.waitScope), "/r1");
  EXPECT_EQ(script.rackOf("a").wait(io.waitScope), "/r1");
  EXPECT_EQ(script.rackOf("b").wait(io.waitScope), "/r1");
  EXPECT_EQ(testkit::readFile(asked), "a\na\nb\n");
}

// A namenode that stops does not wait for it.
TEST_F(RackScriptTest, TheEndDoesNotWait) {
  auto io = kj::setupAsyncIo();
  const auto path = program("sleep 1000");
  const auto began = std::chrono::steady_clock::now();
  {
    RackScript script(path, 30 * LONG_MS);
    auto promise = script.rackOf("a");
    promise.poll(io.waitScope);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::minutes(1));
}

}  // namespace
}  // namespace cairn::nn
