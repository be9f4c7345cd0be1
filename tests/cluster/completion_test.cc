// `cairn completion` in real shells on a terminal: what Tab makes of a line, for paths of a running
// cluster whose names need quotes, or hold what the shell breaks words at.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "tests/testkit/mini.h"
#include "tests/testkit/terminal.h"

namespace cairn::testkit {
namespace {

constexpr char TAB[] = "\t";
constexpr char SHOW_LINE[] = "\x0f";       // Ctrl-O, bound by the tests: the line goes to a file
constexpr char CLEAR_LINE[] = "\x05\x15";  // Ctrl-E, Ctrl-U

class CompletionTest : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    mini_ = new Mini({"--datanodes", "1"});
    ASSERT_TRUE(mini_->serving());
    std::vector<std::string> touch{"fs", "-touchz"};
    for (const std::string directory : {"/my dir/only", "/12:30", "/year=2024", "/plain"}) {
      ASSERT_EQ(mini_->cairn({"mkdir", "-p", directory}).code, 0);
    }
    for (const std::string name :
         {"/my dir/sub", "/my dir/sum", "/12:30/a:15", "/12:30/b:16", "/year=2024/part=0", "/it's",
          "/a\"b", "/$HOME`x", "/größe 1", "/größe 2", "/plain/file", "/(x) & <y>"}) {
      touch.push_back(name);
    }
    const auto made = mini_->cairn(touch);
    ASSERT_EQ(made.code, 0) << made.err;
    writeFile(mini_->scratch() / "local file", "");
    std::filesystem::create_directory(mini_->scratch() / "bin");
    std::filesystem::create_symlink(cairnBinary(), mini_->scratch() / "bin/cairn");
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(mini_->stop(), 0) << mini_->process().errors();
    delete mini_;
  }

  // Starts the shell; `setUp` defines what SHOW_LINE does. Its file: "line" in scratch().
  void start(std::vector<std::string> command, const std::string& setUp) {
    terminal_ = std::make_unique<Terminal>(
        std::move(command),
        std::vector<std::string>{"PATH=" + (mini_->scratch() / "bin") + ":/usr/bin:/bin",
                                 "CAIRN_CONFIG=" + (mini_->scratch() / "cairn.toml"),
                                 "CAIRN_NAMENODE=" + mini_->namenode(), "LC_ALL=C.UTF-8",
                                 "TERM=dumb", "INPUTRC=/dev/null", "HISTFILE="},
        mini_->scratch().path());
    terminal_->type(setUp + "\n");
    terminal_->type("echo the shell is$((1))ready\n");
    ASSERT_TRUE(eventually([&]() {
      return terminal_->seen().find("the shell is1ready") != std::string::npos;
    })) << terminal_->seen();
  }
  // The line behind "cairn " after the keys and a Tab.
  std::string completed(const std::string& keys) {
    const auto file = mini_->scratch() / "line";
    std::filesystem::remove(file);
    terminal_->type("cairn " + keys + TAB + SHOW_LINE);
    EXPECT_TRUE(eventually([&]() {
      terminal_->seen();
      return std::filesystem::exists(file);
    })) << terminal_->seen();
    terminal_->type(CLEAR_LINE);
    auto line = readFile(file);
    EXPECT_TRUE(line.starts_with("cairn ") && line.ends_with("\n")) << line;
    return line.substr(6, line.size() - 7);
  }
  void startBash() {
    start({"bash", "--norc", "--noprofile", "-i"},
          R"(show() { printf '%s\n' "$READLINE_LINE" > line.new; mv line.new line; }
bind 'set bell-style none'; bind -x '"\C-o": show'; source <(cairn completion bash))");
  }

  static Mini* mini_;
  std::unique_ptr<Terminal> terminal_;
};

Mini* CompletionTest::mini_ = nullptr;

// Protects: every way to quote a name is understood, and what Tab adds is quoted in the same way.
// Behind a directory one goes on, behind anything else begins the next word.
TEST_F(CompletionTest, BashWithQuotedWords) {
  startBash();
  EXPECT_EQ(completed("cat /pl"), "cat /plain/");
  EXPECT_EQ(completed("cat /plain/f"), "cat /plain/file ");
  EXPECT_EQ(completed("cat /my"), R"(cat /my\ dir/)");
  EXPECT_EQ(completed(R"(cat /my\ d)"), R"(cat /my\ dir/)");
  EXPECT_EQ(completed(R"(cat "/my d)"), R"(cat "/my dir/")");
  EXPECT_EQ(completed(R"(cat '/my d)"), R"(cat '/my dir/')");
  EXPECT_EQ(completed(R"(cat "/my dir/"o)"), R"(cat /my\ dir/only/)");
  EXPECT_EQ(completed(R"(cat "/my dir/s)"), R"(cat "/my dir/su)");
  EXPECT_EQ(completed(R"(cat '/my dir/sub)"), R"(cat '/my dir/sub' )");
  EXPECT_EQ(completed(R"(cat /"my dir/sum)"), R"(cat /"my dir/sum" )");
  EXPECT_EQ(completed(R"(cat '/it'\''s' "/my dir/sum)"), R"(cat '/it'\''s' "/my dir/sum" )");
  EXPECT_EQ(completed("cat /it"), R"(cat /it\'s )");
  EXPECT_EQ(completed(R"(cat "/it)"), R"(cat "/it's" )");
  EXPECT_EQ(completed("cat '/it"), R"(cat '/it'\''s' )");
  EXPECT_EQ(completed(R"(cat '/it'\'')"), R"(cat '/it'\''s' )");
  EXPECT_EQ(completed("cat /a"), R"(cat /a\"b )");
  EXPECT_EQ(completed(R"(cat "/a\")"), R"(cat "/a\"b" )");
  EXPECT_EQ(completed(R"(cat /\$H)"), R"(cat /\$HOME\`x )");
  EXPECT_EQ(completed(R"(cat "/\$H)"), R"(cat "/\$HOME\`x" )");
  EXPECT_EQ(completed("cat '/$H"), R"(cat '/$HOME`x' )");
  EXPECT_EQ(completed(R"(cat /\()"), R"(cat /\(x\)\ \&\ \<y\> )");
  EXPECT_EQ(completed("cat /gr"), R"(cat /größe\ )");
  EXPECT_EQ(completed("cat \"/größe 2"), "cat \"/größe 2\" ");
}

// Protects: a word is one, whatever bash breaks it at, and Tab adds only what is not there yet.
TEST_F(CompletionTest, BashWithWordsThatItBreaks) {
  startBash();
  EXPECT_EQ(completed("cat /12"), "cat /12:30/");
  EXPECT_EQ(completed("cat /12:"), "cat /12:30/");
  EXPECT_EQ(completed("cat /12:30/a"), "cat /12:30/a:15 ");
  EXPECT_EQ(completed("cat /12:30/a:"), "cat /12:30/a:15 ");
  EXPECT_EQ(completed(R"(cat /12\:30/b)"), R"(cat /12:30/b:16 )");
  EXPECT_EQ(completed("cat '/12:30/b"), "cat '/12:30/b:16' ");
  EXPECT_EQ(completed("cat /12:'30/b"), "cat /12:'30/b:16' ");
  EXPECT_EQ(completed("cat /year="), "cat /year=2024/");
  EXPECT_EQ(completed("cat /year=2024/part="), "cat /year=2024/part=0 ");
  const auto whole = "hdfs://" + mini_->namenode();
  EXPECT_EQ(completed("cat " + whole + "/pl"), "cat " + whole + "/plain/");
  EXPECT_EQ(completed("cat " + whole + "/12:3"), "cat " + whole + "/12:30/");
  // The first operand is of the cluster, the second is not.
  EXPECT_EQ(completed("get --fs.replication=1 /pl"), "get --fs.replication=1 /plain/");
  EXPECT_EQ(completed("get /12:30/a:15 /pl"), "get /12:30/a:15 /pl");
}

// Protects: words that are no paths, and files that are no files of the cluster.
TEST_F(CompletionTest, BashWithTheRest) {
  startBash();
  EXPECT_EQ(completed("getm"), "getmerge ");
  EXPECT_EQ(completed("\"getm"), "\"getmerge\" ");
  EXPECT_EQ(completed("put --rep"), "put --replication ");
  EXPECT_EQ(completed("ls --fs.replication=1 --rec"), "ls --fs.replication=1 --recursive ");
  EXPECT_EQ(completed("fs -set"), "fs -set");
  EXPECT_EQ(completed("put loc"), R"(put local\ file )");
  EXPECT_EQ(completed("put 'local file' /pl"), "put 'local file' /plain/");
  EXPECT_EQ(completed("cat /nosuch"), "cat /nosuch");
}

// Protects: the same in the other shell, where it is installed.
TEST_F(CompletionTest, Zsh) {
  if (run({"sh", "-c", "command -v zsh"}).code != 0) GTEST_SKIP() << "zsh is not installed";
  start({"zsh", "-f", "-i"},
        R"(show() { print -r -- "$BUFFER" > line.new; mv line.new line }
autoload -U compinit; compinit -u -D; zle -N show; bindkey -e; bindkey '^O' show
unsetopt beep automenu; source <(cairn completion zsh))");
  EXPECT_EQ(completed("getm"), "getmerge ");
  EXPECT_EQ(completed("put --rep"), "put --replication ");
  EXPECT_EQ(completed("cat /pl"), "cat /plain/");
  EXPECT_EQ(completed("cat /plain/f"), "cat /plain/file ");
  EXPECT_EQ(completed(R"(cat /my\ d)"), R"(cat /my\ dir/)");
  EXPECT_EQ(completed(R"(cat "/my d)"), R"(cat "/my dir/)");
  EXPECT_EQ(completed(R"(cat '/my dir/sub)"), R"(cat '/my dir/sub' )");
  EXPECT_EQ(completed(R"(cat /"my di)"), R"(cat /my\ dir/)");
  EXPECT_EQ(completed(R"(cat "/my dir/"o)"), R"(cat "/my dir/only/)");
  EXPECT_EQ(completed("cat '/it"), R"(cat '/it'\''s' )");
  EXPECT_EQ(completed(R"(cat '/it'\'')"), R"(cat '/it'\''s ')");
  EXPECT_EQ(completed(R"(cat "/a\")"), R"(cat "/a\"b" )");
  EXPECT_EQ(completed("cat '/$H"), R"(cat '/$HOME`x' )");
  EXPECT_EQ(completed("cat \"/größe 2"), "cat \"/größe 2\" ");
  EXPECT_EQ(completed("cat /12:30/a:"), "cat /12:30/a:15 ");
  EXPECT_EQ(completed("cat /year=2024/part="), "cat /year=2024/part=0 ");
  const auto whole = "hdfs://" + mini_->namenode();
  EXPECT_EQ(completed("cat " + whole + "/pl"), "cat " + whole + "/plain/");
  EXPECT_EQ(completed("get --fs.replication=1 /pl"), "get --fs.replication=1 /plain/");
  EXPECT_EQ(completed("put loc"), R"(put local\ file )");
}

}  // namespace
}  // namespace cairn::testkit
