// Protects: the flags of verbs that say what rights, times, groups and attributes things get or
// have, and what 'test' and 'checksum -v' make of them.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "tests/client/shell/shell_test.h"

namespace cairn::testkit {
namespace {

constexpr time_t ACCESS_S = 1'500'000'001;
constexpr time_t CHANGE_S = 1'400'000'002;

class AttributeFlagsTest : public ShellTest {
protected:
  // "640 1500000001 1400000002": rights, time of access, time of change.
  std::string hereIs(const std::string& name) const {
    struct stat info{};
    if (::stat(here(name).c_str(), &info) != 0) return "nothing";
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%o", static_cast<unsigned>(info.st_mode & 0777U));
    return std::string(mode.data()) + " " + std::to_string(info.st_atim.tv_sec) + " " +
           std::to_string(info.st_mtim.tv_sec);
  }
  void setTimes(const std::string& name, time_t access, time_t change) const {
    const timespec times[2] = {{.tv_sec = access, .tv_nsec = 0}, {.tv_sec = change, .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, here(name).c_str(), times, 0), 0);
  }
  static std::string times() { return std::to_string(ACCESS_S) + " " + std::to_string(CHANGE_S); }
};

TEST_F(AttributeFlagsTest, MkdirTakesAMode) {
  EXPECT_EQ(all({"mkdir", "-m", "750", there("d")}), "0 |");
  EXPECT_EQ(all({"mkdir", "--mode=1777", there("open")}), "0 |");
  EXPECT_EQ(all({"mkdir", there("plain")}), "0 |");
  EXPECT_EQ(all({"mkdir", "-p", "-m", "700", there("a/b")}), "0 |");
  EXPECT_EQ(format("%a", "d") + format("%a", "open") + format("%a", "plain") + format("%a", "a/b"),
            "750\n1777\n755\n700\n");
  EXPECT_EQ(misuse({"mkdir", "-m", "888", there("x")}),
            "2 |cairn: mkdir: --mode takes an octal number up to 1777, not '888'");
  EXPECT_EQ(misuse({"mkdir", "-m", "2000", there("x")}),
            "2 |cairn: mkdir: --mode takes an octal number up to 1777, not '2000'");
  EXPECT_EQ(all({"mkdir", "-m", "700", there("d")}),
            "1 |cairn: mkdir: " + there("d") + ": file exists\n");
  EXPECT_EQ(format("%a", "d"), "750\n") << "what exists keeps its rights";
}

TEST_F(AttributeFlagsTest, PutKeepsRightsAndTimes) {
  writeFile(here("f"), "F");
  std::filesystem::create_directories(here("d"));
  writeFile(here("d/f"), "F");
  ASSERT_EQ(::chmod(here("f").c_str(), 0640), 0);
  ASSERT_EQ(::chmod(here("d").c_str(), 0710), 0);
  setTimes("f", ACCESS_S, CHANGE_S);
  setTimes("d", ACCESS_S, CHANGE_S);
  EXPECT_EQ(all({"put", here("f"), there("new")}), "0 |");
  EXPECT_EQ(format("%a", "new"), "644\n");
  EXPECT_NE(format("%Y", "new"), std::to_string(CHANGE_S) + "\n");
  setTimes("f", ACCESS_S, CHANGE_S);  // it was read
  EXPECT_EQ(all({"put", "-p", here("f"), there("f")}), "0 |");
  EXPECT_EQ(format("%a %X %Y", "f"), "640 " + times() + "\n") << "those from before it was read";
  EXPECT_EQ(format("%U", "f"), run({"stat", "-c", "%U", here("f")}).out);
  EXPECT_EQ(all({"put", "-r", "-p", here("d"), there("d")}), "0 |");
  EXPECT_EQ(format("%a %Y", "d"), "710 " + std::to_string(CHANGE_S) + "\n")
      << "set behind what is put in it";
  EXPECT_EQ(all({"put", "-p", here("f"), there("f")}),
            "1 |cairn: put: " + there("f") + ": file exists\n");
}

TEST_F(AttributeFlagsTest, GetKeepsRightsAndTimes) {
  have("d/f", "F");
  have("d/plain", "P");
  ASSERT_EQ(cairn({"chmod", "640", there("d/f")}).code, 0);
  ASSERT_EQ(cairn({"chmod", "710", there("d")}).code, 0);
  const auto touch = [&](const std::string& name) {
    ASSERT_EQ(all({"touch", "-t", "@" + std::to_string(CHANGE_S), there(name)}), "0 |");
    ASSERT_EQ(all({"touch", "-a", "-t", "@" + std::to_string(ACCESS_S), there(name)}), "0 |");
  };
  touch("d/f");
  touch("d");
  EXPECT_EQ(all({"get", "-p", there("d/f"), here("f")}), "0 |");
  EXPECT_EQ(hereIs("f"), "640 " + times());
  touch("d/f");  // it was read
  EXPECT_EQ(all({"get", "-r", "-p", "-t", "2", there("d"), here("back")}), "0 |");
  EXPECT_EQ(hereIs("back/f"), "640 " + times());
  EXPECT_TRUE(hereIs("back").starts_with("710 ")) << hereIs("back");
  EXPECT_TRUE(hereIs("back").ends_with(" " + std::to_string(CHANGE_S))) << hereIs("back");
  EXPECT_EQ(all({"fs", "-get", "-p", there("d"), here("hadoop")}), "0 |");
  EXPECT_TRUE(hereIs("hadoop").ends_with(" " + std::to_string(CHANGE_S))) << hereIs("hadoop");
  EXPECT_EQ(all({"get", there("d/f"), here("new")}), "0 |");
  EXPECT_FALSE(hereIs("new").ends_with(" " + std::to_string(CHANGE_S)));
  EXPECT_EQ(all({"get", "-p", there("no"), here("no")}), missing("get", "no"));
}

TEST_F(AttributeFlagsTest, TouchMovesTheTimeOfAccessAlone) {
  have("f", "F");
  ASSERT_EQ(all({"touch", "-t", "@1000", there("f")}), "0 |");
  EXPECT_EQ(all({"touch", "-a", "-t", "@2000", there("f")}), "0 |");
  EXPECT_EQ(format("%X %Y", "f"), "2000 1000\n");
  EXPECT_EQ(all({"touch", "--access", there("f")}), "0 |");
  EXPECT_GT(std::stoll(format("%X", "f")), CHANGE_S) << "now";
  EXPECT_EQ(format("%Y", "f"), "1000\n");
  EXPECT_EQ(all({"touch", "-a", "-m", "-t", "@3000", there("f")}), "0 |");
  EXPECT_EQ(format("%X %Y", "f"), "3000 3000\n");
  EXPECT_EQ(all({"touch", "-a", there("f/x")}),
            "1 |cairn: touch: " + there("f/x") + ": not a directory\n");
}

TEST_F(AttributeFlagsTest, TestKnowsEveryKind) {
  have("full", "x");
  have("empty", "");
  ASSERT_EQ(cairn({"mkdir", there("d")}).code, 0);
  ASSERT_EQ(cairn({"chmod", "604", there("full")}).code, 0);
  ASSERT_EQ(cairn({"chmod", "600", there("empty")}).code, 0);
  const auto asked = [&](const std::string& flag, const std::string& name,
                         const std::string& user = "") {
    std::vector<std::string> words{"test", flag, there(name)};
    if (!user.empty()) words.insert(words.end(), {"--user", user});
    return all(words);
  };
  const std::string yes = "0 |";
  const std::string no = "1 |";
  for (const auto& [flag, full, empty, d, none] :
       std::vector<std::array<std::string, 5>>{{"-e", yes, yes, yes, no},
                                               {"-f", yes, yes, no, no},
                                               {"-d", no, no, yes, no},
                                               {"-s", yes, no, no, no},
                                               {"-z", no, yes, yes, no},
                                               {"-r", yes, yes, yes, no},
                                               {"-w", yes, yes, yes, no}}) {
    EXPECT_EQ(asked(flag, "full"), full) << flag;
    EXPECT_EQ(asked(flag, "empty"), empty) << flag;
    EXPECT_EQ(asked(flag, "d"), d) << flag;
    EXPECT_EQ(asked(flag, "none"), none) << flag;
  }
  EXPECT_EQ(asked("-r", "full", "bob"), yes);
  EXPECT_EQ(asked("-w", "full", "bob"), no);
  EXPECT_EQ(asked("-r", "empty", "bob"), no);
  EXPECT_EQ(asked("-w", "empty", "bob"), no);
  EXPECT_EQ(asked("-r", "d", "bob"), yes);
  ASSERT_EQ(cairn({"chown", "bob", there("empty")}).code, 0);
  EXPECT_EQ(asked("-r", "empty", "bob"), yes);
  EXPECT_EQ(asked("-w", "empty", "bob"), yes);
  EXPECT_EQ(misuse({"test", there("full")}), "2 |cairn: test: what is to be tested?");
  EXPECT_EQ(misuse({"test", "-e", "-d", there("d")}), "2 |cairn: test: one question at a time");
  EXPECT_EQ(misuse({"test", "-x", there("d")}).substr(0, 2), "2 ");
  ASSERT_EQ(cairn({"chmod", "700", there("d")}).code, 0);
  // It cannot be told: neither yes nor no.
  const auto hidden = cairn({"test", "-e", there("d/f"), "--user", "bob"});
  EXPECT_EQ(hidden.code, 2);
  EXPECT_TRUE(hidden.err.starts_with("cairn: test: " + there("d/f") + ": ")) << hidden.err;
}

TEST_F(AttributeFlagsTest, ChgrpAndGetfattrGoIntoDirectories) {
  have("d/e/f", "F");
  EXPECT_EQ(all({"chgrp", "-R", "staff", there("d")}), "0 |");
  EXPECT_EQ(format("%G", "d") + format("%G", "d/e") + format("%G", "d/e/f"),
            "staff\nstaff\nstaff\n");
  EXPECT_EQ(all({"chgrp", "users", there("d")}), "0 |");
  EXPECT_EQ(format("%G", "d") + format("%G", "d/e/f"), "users\nstaff\n");
  EXPECT_EQ(all({"chgrp", "-R", "staff", there("no")}), missing("chgrp", "no"));

  ASSERT_EQ(all({"setfattr", "-n", "user.a", "-v", "1", there("d")}), "0 |");
  ASSERT_EQ(all({"setfattr", "-n", "user.b", "-v", "2", there("d/e/f")}), "0 |");
  const auto block = [&](const std::string& name, const std::string& text) {
    return "# file: " + there(name) + "\n" + text + "\n";
  };
  EXPECT_EQ(all({"getfattr", there("d")}), "0 " + block("d", "user.a=\"1\"\n") + "|");
  EXPECT_EQ(all({"getfattr", "-R", there("d")}),
            "0 " + block("d", "user.a=\"1\"\n") + block("d/e/f", "user.b=\"2\"\n") + "|");
  EXPECT_EQ(all({"getfattr", "-R", there("no")}), missing("getfattr", "no"));
}

TEST_F(AttributeFlagsTest, ChecksumTellsTheChunkSize) {
  writeFile(here("hello"), "hello\n");
  ASSERT_EQ(all({"put", "--chunk-size", "1MiB", here("hello"), there("hello")}), "0 |");
  const auto plain = cairn({"checksum", there("hello")}).out;
  EXPECT_EQ(all({"checksum", "-v", there("hello")}),
            "0 " + plain.substr(0, plain.size() - 1) + "\tBlockSize=1048576\n|");
  EXPECT_EQ(all({"checksum", "-v", remote_}),
            "1 |cairn: checksum: " + remote_ + ": is a directory\n");
  EXPECT_EQ(all({"checksum", "-v", there("no")}), missing("checksum", "no"));
}

}  // namespace
}  // namespace cairn::testkit
