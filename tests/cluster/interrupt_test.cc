// Ctrl-C while a command waits for a daemon that has stopped to answer: obeyed promptly, and
// nothing is left behind that could have been removed.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/testkit/daemons.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

using std::chrono::seconds;

// Far below the minute after which a client gives a daemon up by itself, far above what a loaded
// machine needs to end a process.
constexpr seconds PROMPT{20};

class InterruptTest : public ::testing::Test {
protected:
  InterruptTest() { writeFile(cluster.scratch() / "in", sampleNoise(64 << 20)); }
  ~InterruptTest() override {
    for (const std::string name : {"namenode", "datanode1"}) {
      cluster.process(name).signal(SIGCONT);
    }
  }
  // Interrupts the command; its exit code.
  static int interrupt(Process& command) {
    command.signal(SIGINT);
    return command.wait(PROMPT).value_or(-1);
  }
  bool listed(const std::string& name) {
    return cluster.cairn({"ls", "/"}).out.find(name) != std::string::npos;
  }

  Daemons cluster{{.datanodes = 1, .jobs = false, .settings = "[fs]\nreplication = 1\n"}};
};

TEST_F(InterruptTest, APutThatWaitsForADatanode) {
  cluster.process("datanode1").signal(SIGSTOP);
  auto put = cluster.begin({"put", cluster.scratch() / "in", "/file"}, "put");
  ASSERT_TRUE(eventually([&]() { return listed("file._COPYING_"); }));
  EXPECT_EQ(interrupt(*put), 130) << put->errors();
  EXPECT_EQ(cluster.cairn({"ls", "/"}).out, "");
}

TEST_F(InterruptTest, APutOfSeveralFilesAtATime) {
  std::vector<std::string> words{"put", "--threads", "4"};
  for (const std::string name : {"a", "b", "c", "d", "e", "f"}) {
    std::filesystem::copy_file(cluster.scratch() / "in", cluster.scratch() / name);
    words.push_back(cluster.scratch() / name);
  }
  words.emplace_back("/");
  cluster.process("datanode1").signal(SIGSTOP);
  auto put = cluster.begin(words, "put");
  ASSERT_TRUE(eventually([&]() { return listed("d._COPYING_"); }));
  EXPECT_EQ(interrupt(*put), 130) << put->errors();
  EXPECT_EQ(cluster.cairn({"ls", "/"}).out, "");
}

TEST_F(InterruptTest, AGetThatWaitsForADatanode) {
  ASSERT_EQ(cluster.cairn({"put", cluster.scratch() / "in", "/file"}).code, 0);
  cluster.process("datanode1").signal(SIGSTOP);
  const auto out = cluster.scratch() / "out";
  auto get = cluster.begin({"get", "/file", out}, "get", {"CAIRN_CLIENT_SHORT_CIRCUIT=false"});
  ASSERT_TRUE(eventually([&]() { return std::filesystem::exists(out + "._COPYING_"); }));
  EXPECT_EQ(interrupt(*get), 130) << get->errors();
  EXPECT_FALSE(std::filesystem::exists(out));
  EXPECT_FALSE(std::filesystem::exists(out + "._COPYING_"));
}

// Nobody can remove the unfinished file then; the user is told its name.
TEST_F(InterruptTest, APutThatWaitsForTheNamenode) {
  cluster.process("datanode1").signal(SIGSTOP);
  auto put = cluster.begin({"put", cluster.scratch() / "in", "/file"}, "put");
  ASSERT_TRUE(eventually([&]() { return listed("file._COPYING_"); }));
  cluster.process("namenode").signal(SIGSTOP);
  EXPECT_EQ(interrupt(*put), 130) << put->errors();
  EXPECT_NE(put->errors().find("the unfinished /file._COPYING_ is left behind"), std::string::npos)
      << put->errors();
  cluster.process("namenode").signal(SIGCONT);
  EXPECT_FALSE(cluster.cairn({"ls", "/file"}).code == 0);
}

// The file that a failed put would have removed may be another put's by then.
TEST_F(InterruptTest, APutThatLostItsFileLeavesTheOthersAlone) {
  for (const std::string name : {"pipe1", "pipe2"}) {
    ASSERT_EQ(::mkfifo((cluster.scratch() / name).c_str(), 0600), 0);
  }
  const auto content = sampleText(1 << 20);
  auto first = cluster.begin({"put", cluster.scratch() / "pipe1", "/file"}, "first");
  std::ofstream toFirst(cluster.scratch() / "pipe1", std::ios::binary);
  toFirst << content << std::flush;
  ASSERT_TRUE(eventually([&]() { return listed("file._COPYING_"); }));
  const auto firstId = cluster.cairn({"stat", "--format=%i", "/file._COPYING_"}).out;
  auto second = cluster.begin({"put", cluster.scratch() / "pipe2", "/file"}, "second");
  std::ofstream toSecond(cluster.scratch() / "pipe2", std::ios::binary);
  toSecond << content << std::flush;
  ASSERT_TRUE(eventually([&]() {
    return cluster.cairn({"stat", "--format=%i", "/file._COPYING_"}).out != firstId;
  })) << second->errors();
  toFirst.close();
  EXPECT_EQ(first->wait(), 1) << first->errors();
  toSecond.close();
  EXPECT_EQ(second->wait(), 0) << first->errors() << second->errors();
  const auto got = cluster.cairn({"cat", "/file"});
  EXPECT_TRUE(got.out == content) << got.out.size() << " bytes came back; " << got.err;
}

}  // namespace
}  // namespace cairn::testkit
