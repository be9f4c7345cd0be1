#include "common/log/log.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "tests/testkit/results.h"

namespace cairn::log {
namespace {

std::string contentOf(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

class LogTest : public ::testing::Test {
protected:
  LogTest() {
    std::string pattern = ::testing::TempDir() + "cairn-log-XXXXXX";
    EXPECT_NE(nullptr, ::mkdtemp(pattern.data()));
    dir = pattern;
  }
  ~LogTest() override { std::filesystem::remove_all(dir); }

  // Logging is set up once in a process: each case runs in a process of its own.
  int inChild(const std::function<void()>& body) {
    const pid_t child = ::fork();
    if (child == 0) {
      const bool redirected = std::freopen((dir / "stdout").c_str(), "w", stdout) != nullptr &&
                              std::freopen((dir / "stderr").c_str(), "w", stderr) != nullptr;
      if (!redirected) ::_exit(99);
      body();
      flush();
      std::fflush(nullptr);
      ::_exit(0);
    }
    int status = 0;
    EXPECT_EQ(child, ::waitpid(child, &status, 0));
    return status;
  }

  std::filesystem::path dir;
};

// A daemon's lines go to its file with everything from the chosen level on; stdout stays clean.
TEST_F(LogTest, DaemonLogsToItsFile) {
  const std::string logs = dir / "new" / "logs";
  EXPECT_EQ(0, inChild([&] {
              if (!initDaemon({.program = "namenode", .directory = logs})) ::_exit(1);
              LOG(INFO) << "started";
              LOG(WARNING) << "slow disk";
            }));
  const std::string content = contentOf(logs + "/namenode.INFO");
  EXPECT_NE(std::string::npos, content.find("log_test.cc")) << content;
  EXPECT_NE(std::string::npos, content.find("started\n"));
  EXPECT_NE(std::string::npos, content.find("slow disk\n"));
  EXPECT_EQ("", contentOf(dir / "stdout"));
  EXPECT_EQ("", contentOf(dir / "stderr"));
  // One file and its link, not one for each level.
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(logs)) {
    files += entry.path().filename().string().starts_with("namenode.2") ? 1 : 0;
  }
  EXPECT_EQ(1, files);
}

TEST_F(LogTest, LevelHidesLesserLines) {
  EXPECT_EQ(0, inChild([&] {
              if (!initDaemon({.program = "d", .directory = "", .level = Level::WARNING})) {
                ::_exit(1);
              }
              LOG(INFO) << "whisper";
              LOG(ERROR) << "shout";
            }));
  const std::string content = contentOf(dir / "stderr");
  EXPECT_EQ(std::string::npos, content.find("whisper")) << content;
  EXPECT_NE(std::string::npos, content.find("shout"));
  EXPECT_EQ("", contentOf(dir / "stdout"));
}

// The reason of a crash must be found where operators look, not only on a lost stderr.
TEST_F(LogTest, CrashLeavesATrace) {
  const int status = inChild([&] {
    if (!initDaemon({.program = "datanode", .directory = dir})) ::_exit(1);
    ::raise(SIGSEGV);
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(SIGSEGV, WTERMSIG(status));
  const std::string trace = contentOf(dir / "datanode.crash");
  EXPECT_NE(std::string::npos, trace.find("SIGSEGV")) << trace;
}

// A broken invariant is named in the log before the process goes.
TEST_F(LogTest, FailedCheckIsLogged) {
  const int status = inChild([&] {
    if (!initDaemon({.program = "datanode", .directory = dir})) ::_exit(1);
    CHECK_EQ(1, 2) << "one is not two";
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  const std::string content = contentOf(dir / "datanode.INFO");
  EXPECT_NE(std::string::npos, content.find("one is not two")) << content;
}

// A request to stop is no crash.
TEST_F(LogTest, SigtermLeavesNoTrace) {
  const int status = inChild([&] {
    if (!initDaemon({.program = "datanode", .directory = dir})) ::_exit(1);
    ::raise(SIGTERM);
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(SIGTERM, WTERMSIG(status));
  EXPECT_EQ("", contentOf(dir / "datanode.crash"));
}

// A command's warnings read as messages to a person, and nothing else appears.
TEST_F(LogTest, ClientWarnsInPlainText) {
  EXPECT_EQ(0, inChild([&] {
              initClient("cairn");
              LOG(INFO) << "detail";
              LOG(WARNING) << "namenode does not answer; trying again";
            }));
  EXPECT_EQ("namenode does not answer; trying again\n", contentOf(dir / "stderr"));
  EXPECT_EQ("", contentOf(dir / "stdout"));
}

// A log directory that cannot be used stops the start, with the reason.
TEST_F(LogTest, UnusableDirectory) {
  std::ofstream(dir / "file") << "x";
  const std::string inside = dir / "file" / "logs";
  EXPECT_MESSAGE("create log directory " + inside + ": Not a directory",
                 initDaemon({.program = "d", .directory = inside}));
}

TEST_F(LogTest, ParseLevel) {
  EXPECT_EQ(Level::INFO, parseLevel("info").value());
  EXPECT_EQ(Level::WARNING, parseLevel("warning").value());
  EXPECT_EQ(Level::ERROR, parseLevel("error").value());
  EXPECT_MESSAGE("'loud' is no log level; there are info, warning and error", parseLevel("loud"));
}

}  // namespace
}  // namespace cairn::log
