// Protects: verbs between pipes: standard input into files, packed files unpacked to standard
// output, a tail that follows in Hadoop's grammar; and the help, which needs no cluster.
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/client/shell/shell_test.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

using namespace std::string_literals;

class StreamsTest : public ShellTest {};

TEST_F(StreamsTest, PutReadsStandardInput) {
  const auto bytes = sampleText(200'000);
  writeFile(here("in"), bytes);
  EXPECT_EQ(asText(cairnReading(here("in"), {"put", "-", there("f")})), "0 |");
  EXPECT_EQ(cairn({"cat", there("f")}).out, bytes);
  EXPECT_EQ(asText(cairnReading("/dev/null", {"put", "-", there("empty")})), "0 |");
  EXPECT_EQ(format("%s", "empty"), "0\n");
  EXPECT_EQ(asText(cairnReading("/dev/null", {"put", "-", there("f")})),
            "1 |cairn: put: " + there("f") + ": file exists\n");
  EXPECT_EQ(asText(cairnReading("/dev/null", {"put", "-", remote_})),
            "1 |cairn: put: -: a name in " + remote_ + " is needed\n");
  EXPECT_EQ(asText(cairnReading(local_, {"put", "-", there("x")})),
            "1 |cairn: put: " + there("x") + ": standard input is a directory\n");
  EXPECT_EQ(cairn({"cat", there("f")}).out, bytes);
  EXPECT_EQ(cairn({"ls", remote_}).out, "empty\nf\n") << "nothing temporary stays";
  EXPECT_EQ(asText(cairnReading(here("in"), {"put", "-f", "-", there("empty")})), "0 |");
  EXPECT_EQ(format("%s", "empty"), "200000\n");
}

TEST_F(StreamsTest, AppendReadsStandardInput) {
  have("f", "one\n");
  writeFile(here("in"), "two\n");
  writeFile(here("three"), "three\n");
  EXPECT_EQ(asText(cairnReading(here("in"), {"append", "-", there("f")})), "0 |");
  EXPECT_EQ(asText(cairnReading(here("in"), {"append", here("three"), "-", there("f")})), "0 |");
  EXPECT_EQ(asText(cairnReading(here("in"), {"append", "-", there("new")})), "0 |");
  EXPECT_EQ(cairn({"cat", there("f"), there("new")}).out, "one\ntwo\nthree\ntwo\ntwo\n");
  EXPECT_EQ(asText(cairnReading(here("in"), {"append", "-", there("no/f")})),
            "1 |cairn: append: " + there("no/f") + ": no such file or directory\n");
}

TEST_F(StreamsTest, TextUnpacks) {
  // "hello\n" as gzip and as zstd have it.
  const auto gzip =
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\x00"
      "\x20\x30\x3a\x36\x06\x00\x00\x00"s;
  const auto zstd = "\x28\xb5\x2f\xfd\x20\x06\x31\x00\x00hello\n"s;
  have("a.gz", gzip);
  have("b", zstd);
  have("c", "plain\n");
  have("cut.gz", gzip.substr(0, gzip.size() - 4));
  EXPECT_EQ(all({"text", there("a.gz")}), "0 hello\n|");
  EXPECT_EQ(all({"text", there("b")}), "0 hello\n|");
  EXPECT_EQ(
      all({"text", there("{a.gz,b,c}"), there("no")}),
      "1 hello\nhello\nplain\n|cairn: text: " + there("no") + ": no such file or directory\n");
  EXPECT_EQ(cairn({"cat", there("a.gz")}).out, gzip);
  const auto cut = cairn({"text", there("cut.gz")});
  EXPECT_EQ(cut.code, 1);
  EXPECT_TRUE(cut.err.starts_with("cairn: text: " + there("cut.gz") + ": ")) << cut.err;
}

TEST_F(StreamsTest, HadoopsTailFollowsUntilItIsEnded) {
  have("log", "one\n");
  writeFile(here("two"), "two\n");
  writeFile(here("three"), "three\n");
  for (const int signal : {SIGTERM, SIGINT}) {
    const auto name = "tail" + std::to_string(signal);
    auto tail = mini_->begin({"fs", "-tail", "-f", "-s", "20", there("log")}, name);
    ASSERT_TRUE(tail->awaitLine("one").has_value());
    ASSERT_EQ(all({"append", here("two"), there("log")}), "0 |");
    EXPECT_TRUE(tail->awaitLine("two").has_value());
    ASSERT_EQ(all({"fs", "-appendToFile", here("three"), there("log")}), "0 |");
    EXPECT_TRUE(tail->awaitLine("three").has_value());
    EXPECT_TRUE(tail->running());
    tail->signal(signal);
    EXPECT_EQ(tail->wait(), 128 + signal);
    EXPECT_EQ(tail->output(), "one\ntwo\nthree\n");
    EXPECT_EQ(tail->errors(), "");
    have("log", "one\n");
  }
  EXPECT_EQ(all({"fs", "-tail", "-f", there("no")}),
            "1 |tail: `" + there("no") + "': No such file or directory\n");
  EXPECT_EQ(all({"fs", "-tail", "-f", "-s", "x", there("log")}).substr(0, 4), "255 ");
}

TEST_F(StreamsTest, HelpAndUsage) {
  const auto overview = cairn({"help"});
  EXPECT_EQ(overview.code, 0);
  EXPECT_EQ(overview.err, "");
  EXPECT_TRUE(overview.out.starts_with("Usage: cairn COMMAND [ARGUMENT]...\n")) << overview.out;
  for (const char* line : {"\n  put            copy local files into the cluster\n",
                           "\n  moveFromLocal  move local files into the cluster\n",
                           "\n  fs             the file commands in Hadoop's grammar\n"}) {
    EXPECT_NE(overview.out.find(line), std::string::npos) << line;
  }
  for (const char* flag : {"--help", "-h", "-help"}) {
    EXPECT_EQ(all({flag}), "0 " + overview.out + "|") << flag;
  }
  EXPECT_EQ(all({}), "2 |" + overview.out) << "something was meant, and is missing";

  const auto put = cairn({"help", "put"});
  EXPECT_EQ(put.code, 0);
  EXPECT_TRUE(put.out.starts_with("Usage: cairn put [-f] ")) << put.out;
  EXPECT_NE(put.out.find("\nExample: cairn put "), std::string::npos);
  EXPECT_EQ(all({"put", "--help"}), "0 " + put.out + "|");
  EXPECT_EQ(all({"usage", "put"}), "0 " + put.out.substr(0, put.out.find('\n') + 1) + "|");
  EXPECT_EQ(all({"usage"}), "0 " + overview.out + "|");
  for (const char* verb : {"help", "usage"}) {
    EXPECT_EQ(all({verb, "puut"}),
              "2 |cairn: unknown command 'puut'; did you mean 'put'? ('cairn help' lists all)\n");
  }
}

}  // namespace
}  // namespace cairn::testkit
