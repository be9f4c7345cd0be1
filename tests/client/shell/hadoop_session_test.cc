// Protects: a script written for `hadoop fs` reads the same bytes and exit codes from `cairn fs`.
// The whole recorded session of hadoop_session.txt is repeated against a real cluster.
#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>

#include "tests/testkit/mini.h"
#include "tests/testkit/scratch.h"

namespace cairn::testkit {
namespace {

struct Step {
  std::string command;  // as in the file
  int line = 0;
  std::string code;
  std::string out;
  std::string err;
};

std::vector<Step> recordedSteps() {
  std::ifstream file(CAIRN_HADOOP_SESSION);
  EXPECT_TRUE(file.is_open()) << CAIRN_HADOOP_SESSION;
  std::vector<Step> steps;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.starts_with("$ ")) steps.push_back({.command = line.substr(2), .line = number});
    if (line.starts_with("exit ")) steps.back().code = line.substr(5);
    if (line.starts_with("out|")) steps.back().out += line.substr(4) + "\n";
    if (line.starts_with("err|")) steps.back().err += line.substr(4) + "\n";
  }
  return steps;
}

// Words between spaces; 'single quotes' hold one together.
std::vector<std::string> split(const std::string& command) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (const char c : command) {
    if (c == '\'') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

std::string replaceAll(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

class HadoopSession : public ::testing::Test {
protected:
  // One replica, as the recorded cluster had, and the recorded user.
  HadoopSession()
      : mini_({"--datanodes", "1", "--fs.replication", "1", "--client.user", "root",
               "--fs.chunk_size", "128MiB"}) {}
  void SetUp() override {
    ASSERT_TRUE(mini_.serving());
    directory_ = mini_.scratch() / "session";
    std::filesystem::create_directories(directory_ + "/local/dir/sub");
    std::filesystem::create_directories(directory_ + "/local/empty_dir");
    writeFile(directory_ + "/local/a.txt", "hello\n");
    writeFile(directory_ + "/local/five", std::string(5000, '0'));
    writeFile(directory_ + "/local/empty", "");
    writeFile(directory_ + "/local/dir/b", "b\n");
    writeFile(directory_ + "/local/dir/sub/c", "c");
    // Where messages name it, they name it without links.
    directory_ = std::filesystem::canonical(directory_);
  }

  Outcome fs(const std::vector<std::string>& words) {
    std::vector<std::string> command{
        "/bin/sh",  "-c",          "cd \"$0\" && printf 'from stdin\\n' | \"$@\"",
        directory_, cairnBinary(), "fs"};
    command.insert(command.end(), words.begin(), words.end());
    return run(command, {"CAIRN_NAMENODE=" + mini_.namenode(), "CAIRN_USER=root",
                         "CAIRN_CONFIG=" + (mini_.scratch() / "cairn.toml"), "TZ=UTC"});
  }

  // What differs from one run to the next, replaced as in the recording.
  std::string comparable(std::string text) const {
    static const std::regex TIME("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d(:\\d\\d)?");
    static const std::regex USAGE("(\t\\[-|Usage: cairn fs )[^\n]*\n");
    text = replaceAll(text, mini_.namenode(), "NAMENODE");
    text = replaceAll(text, directory_, "CWD");
    text = std::regex_replace(text, USAGE, "");
    return std::regex_replace(text, TIME, "TIME");
  }

  Mini mini_;
  std::string directory_;
};

TEST_F(HadoopSession, EveryCommandAnswersAsHadoops) {
  const auto steps = recordedSteps();
  ASSERT_GT(steps.size(), 150u);
  for (const auto& step : steps) {
    SCOPED_TRACE("hadoop_session.txt:" + std::to_string(step.line) + ": " + step.command);
    const auto outcome = fs(split(step.command));
    EXPECT_EQ(std::to_string(outcome.code), step.code) << outcome.err;
    EXPECT_EQ(comparable(outcome.out), step.out);
    EXPECT_EQ(comparable(outcome.err), step.err);
  }
  EXPECT_EQ(readFile(directory_ + "/local/got"), "hello\n");
  EXPECT_EQ(readFile(directory_ + "/local/gotdir/dir/sub/c"), "c");
}

}  // namespace
}  // namespace cairn::testkit
