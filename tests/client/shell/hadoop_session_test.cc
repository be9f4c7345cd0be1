// Protects: a script written for `hadoop fs` reads the same bytes and exit codes from `cairn fs`.
// The recorded sessions of hadoop_sessions are repeated against real clusters.
#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/testkit/mini.h"
#include "tests/testkit/scratch.h"

namespace cairn::testkit {
namespace {

struct Step {
  std::string user;
  std::string command;  // as in the file
  int line = 0;
  std::string code;
  std::string out;
  std::string err;
};

std::string replaceAll(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string sessionFile(const std::string& name) {
  return std::string(CAIRN_HADOOP_SESSIONS) + "/" + name + ".txt";
}

std::vector<Step> recordedSteps(const std::string& session) {
  static const std::regex COMMAND(R"((\w*)\$ (.*))");
  std::ifstream file(sessionFile(session));
  EXPECT_TRUE(file.is_open()) << session;
  std::vector<Step> steps;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    std::smatch parts;
    if (line.starts_with("exit ")) {
      steps.back().code = line.substr(5);
    } else if (line.starts_with("out|")) {
      steps.back().out += replaceAll(line.substr(4), "<TAB>", "\t") + "\n";
    } else if (line.starts_with("err|")) {
      steps.back().err += line.substr(4) + "\n";
    } else if (std::regex_match(line, parts, COMMAND)) {
      steps.push_back({.user = parts[1].length() == 0 ? "root" : parts[1].str(),
                       .command = parts[2],
                       .line = number});
    }
  }
  return steps;
}

std::string bytesOf(std::string_view hex) {
  std::string bytes;
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16));
  }
  return bytes;
}

// "hello\n", packed.
constexpr std::string_view HELLO_GZ = "1f8b0800000000000003cb48cdc9c9e7020020303a3606000000";
constexpr std::string_view HELLO_BZ2 =
    "425a6839314159265359c1c080e2000001410000100244a00030cd00c346"
    "2997177245385090c1c080e2";

constexpr std::string_view CONFIGURATION = R"(<?xml version="1.0"?>
<configuration>
<property><name>dfs.replication</name><value>2</value></property>
<property><name>dfs.blocksize</name><value>1048576</value></property>
<property><name>fs.permissions.umask-mode</name><value>077</value></property>
<property><name>fs.trash.interval</name><value>60</value></property>
</configuration>
)";

// HDFS tells attributes in no order; lines between headings are sorted for the comparison.
std::string sortedWithin(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  std::size_t group = 0;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("# ")) group = lines.size() + 1;
    lines.push_back(line);
    std::sort(lines.begin() + static_cast<long>(std::min(group, lines.size())), lines.end());
  }
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
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

class HadoopSession : public ::testing::TestWithParam<const char*> {
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
    writeFile(directory_ + "/local/hello.gz", bytesOf(HELLO_GZ));
    writeFile(directory_ + "/local/hello.bz2", bytesOf(HELLO_BZ2));
    writeFile(directory_ + "/local/conf.xml", CONFIGURATION);
    writeFile(directory_ + "/local/dir/b", "b\n");
    writeFile(directory_ + "/local/dir/sub/c", "c");
    // Where messages name it, they name it without links.
    directory_ = std::filesystem::canonical(directory_);
  }

  Outcome fs(const std::string& user, const std::vector<std::string>& words) {
    std::vector<std::string> command{
        "/bin/sh",  "-c",          "cd \"$0\" && printf 'from stdin\\n' | \"$@\"",
        directory_, cairnBinary(), "fs"};
    command.insert(command.end(), words.begin(), words.end());
    return run(command, {"CAIRN_NAMENODE=" + mini_.namenode(), "CAIRN_USER=" + user,
                         "CAIRN_CONFIG=" + (mini_.scratch() / "cairn.toml"), "TZ=UTC"});
  }

  // What its dfsadmin is here: "-safemode enter" is 'cairn admin safemode enter'. Ours says below
  // the first line why safe mode is on.
  Outcome admin(std::vector<std::string> words) {
    words.front().erase(0, 1);
    words.insert(words.begin(), "admin");
    auto outcome = mini_.cairn(std::move(words), {"CAIRN_USER=root"});
    outcome.out.erase(outcome.out.find('\n') + 1);
    return outcome;
  }

  // What differs from one run to the next, replaced as in the recording.
  std::string comparable(std::string text) const {
    static const std::regex TIME(R"(\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?)");
    static const std::regex USAGE("(\t\\[-|Usage: cairn fs )[^\n]*\n");
    // Hadoop tells it in a log.
    static const std::regex MOVED("Moved: '[^\n]*' to trash at: [^\n]*\n");
    static const std::regex CHECKPOINT(R"(\.Trash/\d{12})");
    static const std::regex CLASH(R"(([a-z])\d{13})");
    text = replaceAll(text, mini_.namenode(), "NAMENODE");
    text = replaceAll(text, directory_, "CWD");
    text = std::regex_replace(text, USAGE, "");
    text = std::regex_replace(text, MOVED, "");
    text = std::regex_replace(text, CHECKPOINT, ".Trash/CHECKPOINT");
    text = std::regex_replace(text, CLASH, "$1MILLIS");
    return std::regex_replace(text, TIME, "TIME");
  }

  Mini mini_;
  std::string directory_;
};

TEST_P(HadoopSession, EveryCommandAnswersAsHadoops) {
  const auto steps = recordedSteps(GetParam());
  ASSERT_GT(steps.size(), 10u);
  for (const auto& step : steps) {
    SCOPED_TRACE(sessionFile(GetParam()) + ":" + std::to_string(step.line) + ": " + step.command);
    const auto words = split(replaceAll(step.command, "NAMENODE", mini_.namenode()));
    const auto outcome = step.user == "dfsadmin" ? admin(words) : fs(step.user, words);
    EXPECT_EQ(std::to_string(outcome.code), step.code) << outcome.err;
    const bool unordered = step.command.starts_with("-getfattr");
    // The recording does not tell whether the last line has an end.
    auto out = comparable(outcome.out);
    if (!out.empty() && !out.ends_with('\n')) out += '\n';
    EXPECT_EQ(unordered ? sortedWithin(out) : out, unordered ? sortedWithin(step.out) : step.out);
    EXPECT_EQ(comparable(outcome.err), step.err);
  }
}

INSTANTIATE_TEST_SUITE_P(Recorded, HadoopSession,
                         ::testing::Values("files", "transfer", "reading", "attributes", "summary",
                                           "xattrs", "trash", "names", "checksums", "truncation",
                                           "destinations", "patterns", "options", "paths",
                                           "generic", "safe_mode", "reserved"),
                         [](const auto& info) { return std::string(info.param); });

// Protects from taking a view of HDFS's that Cairn has not for an empty one: whatever is asked or
// done there fails, and tells why; -f and -test included.
TEST(HadoopViews, TellThatTheyAreNotThere) {
  Mini mini({"--datanodes", "1", "--fs.replication", "1"});
  ASSERT_TRUE(mini.serving());
  writeFile(mini.scratch() / "f", "f\n");
  ASSERT_EQ(mini.cairn({"fs", "-put", mini.scratch() / "f", "/f"}).code, 0);
  for (const auto& [path, why] : std::vector<std::pair<std::string, std::string>>{
           {"/.reserved/raw", "Cairn has no raw view of files"},
           {"/.reserved/raw/f", "Cairn has no raw view of files"},
           {"/.reserved/.inodes/16385", "Cairn finds no files by their numbers"},
           {"/.reserved/.inodes/16385/f", "Cairn finds no files by their numbers"}}) {
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"ls", path},
                                               {"cat", path},
                                               {"stat", path},
                                               {"test", "-e", path},
                                               {"mkdir", path},
                                               {"mkdir", "-p", path},
                                               {"put", "-f", mini.scratch() / "f", path},
                                               {"touchz", path},
                                               {"touch", "-c", path},
                                               {"appendToFile", mini.scratch() / "f", path},
                                               {"cp", "/f", path},
                                               {"cp", path, "/g"},
                                               {"mv", "/f", path},
                                               {"mv", path, "/g"},
                                               {"chmod", "700", path},
                                               {"rmdir", path},
                                               {"rm", "-r", "-f", path}}) {
      auto command = words;
      command[0].insert(0, "-");
      command.insert(command.begin(), "fs");
      const auto outcome = mini.cairn(command);
      EXPECT_EQ(outcome.code, 1) << words[0] << " " << path;
      EXPECT_EQ(outcome.err, words[0] + ": " + path + ": " + why + "\n");
    }
  }
  EXPECT_EQ(mini.cairn({"fs", "-cat", "/f"}).out, "f\n");
}

// Protects: -usage of each verb is Hadoop's, but for the name of the program.
TEST(HadoopUsage, IsHadoops) {
  std::ifstream file(sessionFile("usage"));
  std::size_t known = 0;
  for (std::string line; std::getline(file, line);) {
    const auto verb = line.substr(1, line.find(' ') - 1);
    const auto outcome = run({cairnBinary(), "fs", "-usage", verb}, {});
    if (outcome.code != 0) continue;
    ++known;
    EXPECT_EQ(outcome.out, "Usage: cairn fs [generic options] " + line + "\n");
  }
  EXPECT_GE(known, 35u);
}

}  // namespace
}  // namespace cairn::testkit
