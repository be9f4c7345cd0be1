// Protects: the verbs in POSIX grammar against a real cluster: where things go, what is refused,
// what is left behind, and the exit codes. (Sizes, odd names, damage and interrupts:
// tests/cluster.)
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/client/shell/shell_test.h"
#include "tests/testkit/mini.h"
#include "tests/testkit/scratch.h"

namespace cairn::testkit {
namespace {

namespace fs = std::filesystem;

class CommandsTest : public ShellTest {
protected:
  // Runs it, and returns its exit code and complaint.
  static std::string outcomeOf(std::vector<std::string> words) {
    const auto outcome = cairn(std::move(words));
    return std::to_string(outcome.code) + " " + outcome.err;
  }
  void make(const std::string& name, const std::string& content) const {
    fs::create_directories(fs::path(here(name)).parent_path());
    writeFile(here(name), content);
  }
  std::string content(const std::string& path) const { return cairn({"cat", there(path)}).out; }
  std::string names(const std::string& path = "") const { return cairn({"ls", there(path)}).out; }
};

TEST_F(CommandsTest, PutGoesIntoADirectoryOrBecomesTheName) {
  make("a", "A");
  make("b", "B");
  EXPECT_EQ(outcomeOf({"put", here("a"), there("")}), "0 ");
  EXPECT_EQ(outcomeOf({"put", here("a"), there("c")}), "0 ");
  EXPECT_EQ(names(), "a\nc\n");
  EXPECT_EQ(outcomeOf({"put", here("a"), here("b"), there("c")}),
            "1 cairn: put: " + there("c") + ": not a directory\n");
  EXPECT_EQ(outcomeOf({"put", here("a"), here("b"), there("none")}),
            "1 cairn: put: " + there("none") + ": no such directory\n");
  EXPECT_EQ(outcomeOf({"put", here("a"), there("none/")}),
            "1 cairn: put: " + there("none/") + ": no such directory\n");
  EXPECT_EQ(outcomeOf({"put", here("a"), there("no/such")}),
            "1 cairn: put: " + there("no/such") + ": no such file or directory\n");
  EXPECT_EQ(outcomeOf({"put", here("b"), there("c")}),
            "1 cairn: put: " + there("c") + ": file exists\n");
  EXPECT_EQ(outcomeOf({"put", "-f", here("b"), there("c")}), "0 ");
  EXPECT_EQ(content("c"), "B");
  EXPECT_EQ(names(), "a\nc\n") << "something temporary stayed";
}

TEST_F(CommandsTest, OneFailureDoesNotStopTheOthers) {
  make("a", "A");
  make("z", "Z");
  EXPECT_EQ(outcomeOf({"put", here("a"), here("missing"), here("z"), there("")}),
            "1 cairn: put: " + here("missing") + ": no such file or directory\n");
  EXPECT_EQ(names(), "a\nz\n");
  const auto read = cairn({"cat", there("a"), there("missing"), there("z")});
  EXPECT_EQ(read.code, 1);
  EXPECT_EQ(read.out, "AZ");
  EXPECT_EQ(outcomeOf({"rm", there("missing"), there("a")}),
            "1 cairn: rm: " + there("missing") + ": no such file or directory\n");
  EXPECT_EQ(outcomeOf({"rm", "-f", there("missing"), there("z")}), "0 ");
  EXPECT_EQ(names(), "");
}

TEST_F(CommandsTest, TreesNeedTheFlagAndMerge) {
  make("tree/one", "1");
  make("tree/sub/two", "2");
  fs::create_directory_symlink("..", here("tree/sub/up"));
  EXPECT_EQ(outcomeOf({"put", here("tree"), there("t")}),
            "1 cairn: put: " + here("tree") + ": is a directory (-r copies it)\n");
  EXPECT_EQ(outcomeOf({"put", "-r", here("tree"), there("t")}),
            "1 cairn: put: " + here("tree/sub/up") +
                ": leads back to a directory that it lies in; left out\n");
  EXPECT_EQ(content("t/sub/two"), "2");
  fs::remove(here("tree/sub/up"));
  make("tree/three", "3");
  EXPECT_EQ(outcomeOf({"put", "-r", here("tree"), there("")}), "0 ");
  EXPECT_EQ(names("tree"), "one\nsub\nthree\n");
  // A second time: what is there is refused, the rest goes on.
  make("tree/four", "4");
  EXPECT_EQ(cairn({"put", "-r", here("tree"), there("")}).code, 1);
  EXPECT_EQ(content("tree/four"), "4");
  EXPECT_EQ(outcomeOf({"put", "-rf", here("tree"), there("")}), "0 ");

  EXPECT_EQ(outcomeOf({"get", there("tree"), here("back")}),
            "1 cairn: get: " + there("tree") + ": is a directory (-r copies it)\n");
  EXPECT_EQ(outcomeOf({"get", "-r", there("tree"), here("back")}), "0 ");
  EXPECT_EQ(readFile(here("back/sub/two")), "2");
  EXPECT_EQ(outcomeOf({"get", "-r", there("tree"), here("back")}), "0 ") << "into it, now";
  EXPECT_EQ(readFile(here("back/tree/sub/two")), "2");
}

TEST_F(CommandsTest, GetKeepsWhatExistsAndWritesIntoDevices) {
  make("a", "A");
  ASSERT_EQ(outcomeOf({"put", here("a"), there("")}), "0 ");
  make("taken", "old");
  EXPECT_EQ(outcomeOf({"get", there("a"), here("taken")}),
            "1 cairn: get: " + here("taken") + ": file exists\n");
  EXPECT_EQ(readFile(here("taken")), "old");
  fs::create_symlink("taken", here("link"));
  EXPECT_EQ(outcomeOf({"get", "-f", there("a"), here("link")}), "0 ");
  EXPECT_TRUE(fs::is_symlink(here("link"))) << "the link itself was replaced";
  EXPECT_EQ(readFile(here("taken")), "A");
  EXPECT_EQ(outcomeOf({"get", there("a"), "/dev/null"}), "0 ");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_EQ(cairn({"get", there("a"), "-"}).out, "A");
  EXPECT_EQ(outcomeOf({"get", there("a"), here("no/such")}),
            "1 cairn: get: " + here("no/such") + ": no such file or directory\n");
  EXPECT_EQ(outcomeOf({"get", "-p", there("a"), here("new")}), "0 ");
  EXPECT_EQ(fs::status(here("new")).permissions(), fs::perms(0644));
  for (const auto& entry : fs::directory_iterator(local_)) {
    EXPECT_FALSE(entry.path().string().ends_with("_COPYING_")) << entry.path();
  }
}

TEST_F(CommandsTest, MvMovesIntoDirectoriesAndReplacesNothingUnasked) {
  make("a", "A");
  make("b", "B");
  ASSERT_EQ(outcomeOf({"put", here("a"), here("b"), there("")}), "0 ");
  ASSERT_EQ(outcomeOf({"mkdir", there("d")}), "0 ");
  EXPECT_EQ(outcomeOf({"mv", there("a"), there("b")}),
            "1 cairn: mv: " + there("b") + ": file exists (-f replaces a file)\n");
  EXPECT_EQ(outcomeOf({"mv", "-f", there("a"), there("b")}), "0 ");
  EXPECT_EQ(content("b"), "A");
  EXPECT_EQ(outcomeOf({"mv", there("[ab]"), there("d")}), "0 ");
  EXPECT_EQ(names("d"), "b\n");
  EXPECT_EQ(outcomeOf({"mv", there("d/b"), there("x/")}),
            "1 cairn: mv: " + there("x/") + ": no such directory\n");
  EXPECT_EQ(cairn({"mv", there("d"), there("d/e")}).code, 1) << "into itself";
  EXPECT_EQ(outcomeOf({"mv", there("missing"), there("y")}),
            "1 cairn: mv: " + there("missing") + ": no such file or directory\n");
}

TEST_F(CommandsTest, PatternsSortAndEscape) {
  make("n2", "2");
  make("n1", "1");
  make("n*", "*");
  ASSERT_EQ(outcomeOf({"put", here("n1"), here("n2"), here("n*"), there("")}), "0 ");
  EXPECT_EQ(content("n?"), "*12");
  EXPECT_EQ(content("n\\*"), "*");
  EXPECT_EQ(content("n{2,1}"), "12");
  EXPECT_EQ(outcomeOf({"cat", there("m*")}),
            "1 cairn: cat: " + there("m*") + ": no such file or directory\n");
}

// As HDFS's: what is being written is no matter of the verdict unless it is asked for, and HDFS's
// flags are understood.
TEST_F(CommandsTest, FsckLeavesOutWhatIsBeingWritten) {
  make("whole", "hello");
  ASSERT_EQ(outcomeOf({"put", here("whole"), there("")}), "0 ");
  ASSERT_EQ(::mkfifo(here("pipe").c_str(), 0600), 0);
  auto writer = mini_->begin({"put", here("pipe"), there("open")}, "writer");
  std::ofstream toWriter(here("pipe"), std::ios::binary);
  toWriter << "some" << std::flush;
  ASSERT_TRUE(eventually([&]() { return names().find("open._COPYING_") != std::string::npos; }));

  const auto check = cairn({"fsck", remote_, "--files"});
  EXPECT_EQ(check.code, 0);
  EXPECT_EQ(check.out.find("open._COPYING_"), std::string::npos) << check.out;
  EXPECT_NE(check.out.find("\n files:            1\n left out:         1 file being written"),
            std::string::npos)
      << check.out;
  const auto open = cairn({"fsck", remote_, "-openforwrite"});
  EXPECT_EQ(open.code, 0);
  EXPECT_TRUE(open.out.starts_with(there("open._COPYING_") + "  0 bytes, ")) << open.out;
  EXPECT_NE(open.out.find(", replication 1, OPENFORWRITE: "), std::string::npos) << open.out;
  EXPECT_NE(open.out.find("\n files:            2, 1 being written\n"), std::string::npos)
      << open.out;
  const auto hdfs = cairn({"fsck", "-files", "-blocks", "-racks", "-showprogress", there("whole")});
  EXPECT_EQ(hdfs.code, 0) << hdfs.err;
  EXPECT_NE(hdfs.out.find("  replicas 1  on /default-rack/1@"), std::string::npos) << hdfs.out;
  EXPECT_EQ(cairn({"fsck", remote_, "-list-corruptfileblocks"}).out,
            "The filesystem under path '" + remote_ + "' has 0 CORRUPT chunks\n");
  EXPECT_EQ(cairn({"fsck", remote_, "-blockId"}).code, 2);

  toWriter.close();
  EXPECT_EQ(writer->wait(), 0) << writer->errors();
}

// Protects the way back from a chunk in a log to its file: by the id that fsck or HDFS prints, in
// either grammar.
TEST_F(CommandsTest, FsckFindsTheFileOfAChunk) {
  make("f", "hello");
  ASSERT_EQ(outcomeOf({"put", here("f"), there("f")}), "0 ");
  const auto chunks = cairn({"fsck", there("f"), "--chunks"}).out;
  const auto from = chunks.find(" chunk ") + 7;
  const auto id = chunks.substr(from, chunks.find(' ', from) - from);  // with its generation
  const auto number = id.substr(0, id.find('_'));
  const auto found = cairn({"fsck", "--chunk-id", id});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_TRUE(found.out.starts_with("Block Id: blk_" + number + "\nBlock belongs to: " +
                                    there("f") + "\nNo. of Expected Replica: 1\n"))
      << found.out;
  EXPECT_TRUE(found.out.ends_with("/default-rack is HEALTHY\n")) << found.out;
  EXPECT_EQ(cairn({"fsck", "/", "-blockId", "blk_" + number, "-files"}).out, found.out);
  EXPECT_NE(cairn({"fsck", "--chunk-id", number, "--json"}).out.find(R"("path":")" + there("f")),
            std::string::npos);
  const auto two = cairn({"fsck", "-blockId", "blk_" + number, "blk_999999999984"});
  EXPECT_EQ(two.code, 1);
  EXPECT_EQ(two.out, found.out + "\nBlock blk_999999999984 does not exist\n");
  EXPECT_EQ(two.err, "");
  const auto wrong = cairn({"fsck", "-blockId", "junk"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_TRUE(wrong.err.starts_with("cairn: fsck: Incorrect blockId format: junk")) << wrong.err;
  EXPECT_EQ(cairn({"fsck"}).code, 2);
}

TEST_F(CommandsTest, StatDuFsckAndReportAgree) {
  make("x/a", std::string(5000, 'a'));
  make("x/y/b", std::string(3000, 'b'));
  ASSERT_EQ(outcomeOf({"put", "-r", here("x"), there("x")}), "0 ");
  EXPECT_EQ(cairn({"stat", "-c", "%n %s %F %r", there("x/a")}).out,
            there("x/a") + " 5000 regular file 1\n");
  const auto usage = cairn({"du", "-s", there("x")}).out;
  EXPECT_NE(usage.find("        8000 "), std::string::npos) << usage;
  EXPECT_EQ(cairn({"du", there("x")}).out.find("        3000 "), 0u);
  const auto check = cairn({"fsck", there("x"), "--locations"});
  EXPECT_EQ(check.code, 0);
  EXPECT_NE(check.out.find(there("x/a") + "  5000 bytes, 1 chunk, replication 1: OK\n"),
            std::string::npos)
      << check.out;
  EXPECT_NE(check.out.find("  replicas 1  on 1@"), std::string::npos) << check.out;
  EXPECT_TRUE(check.out.ends_with("is HEALTHY\n"));
  EXPECT_EQ(cairn({"fsck", there("none")}).code, 1);
  const auto report = cairn({"admin", "report"});
  EXPECT_EQ(report.code, 0);
  EXPECT_NE(report.out.find("1 live, 0 dead"), std::string::npos) << report.out;
  EXPECT_EQ(cairn({"admin", "safemode", "wait"}).out, "Safe mode is OFF\n");
}

}  // namespace
}  // namespace cairn::testkit
