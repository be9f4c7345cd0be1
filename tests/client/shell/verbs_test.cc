// Protects: the verbs in POSIX grammar beyond put, get and the like (commands_test.cc): what they
// print and change, what they refuse, and their exit codes, against a real cluster.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/client/shell/shell_test.h"
#include "tests/testkit/mini.h"
#include "tests/testkit/scratch.h"

namespace cairn::testkit {
namespace {

namespace fs = std::filesystem;

class VerbsTest : public ShellTest {};

TEST_F(VerbsTest, RightsOwnersAndTimes) {
  have("a", "A");
  EXPECT_EQ(all({"chmod", "640", there("a")}), "0 |");
  EXPECT_EQ(all({"chmod", "u+x,o=r", there("a")}), "0 |");
  EXPECT_EQ(format("%a", "a"), "744\n");
  EXPECT_EQ(all({"chmod", "--", "-x", there("a")}), "0 |");
  EXPECT_EQ(format("%a", "a"), "644\n");
  EXPECT_EQ(cairn({"chmod", "999", there("a")}).code, 2);
  EXPECT_EQ(all({"chmod", "600", there("no")}), missing("chmod", "no"));
  have("d/f", "F");
  EXPECT_EQ(all({"chmod", "-R", "u=rwX,go=", remote_ + "/d"}), "0 |");
  EXPECT_EQ(format("%a", "d") + format("%a", "d/f"), "700\n600\n");

  EXPECT_EQ(all({"chown", "-R", "ann:users", there("d")}), "0 |");
  EXPECT_EQ(format("%U %G", "d/f"), "ann users\n");
  EXPECT_EQ(all({"chgrp", "staff", there("d/f")}), "0 |");
  EXPECT_EQ(format("%U %G", "d/f"), "ann staff\n");
  EXPECT_EQ(cairn({"chown", "a b", there("a")}).code, 2);
  EXPECT_EQ(cairn({"chgrp", "users", there("d/f"), "--user", "bob"}).code, 1);

  EXPECT_EQ(all({"touch", "-t", "@1704164645", there("a")}), "0 |");
  EXPECT_EQ(format("%Y %X", "a"), "1704164645 1704164645\n");
  EXPECT_EQ(all({"touch", "-m", "-t", "@1704164646", there("a")}), "0 |");
  EXPECT_EQ(format("%Y %X", "a"), "1704164646 1704164645\n");
  EXPECT_EQ(all({"touch", there("new")}), "0 |");
  EXPECT_EQ(format("%s", "new"), "0\n");
  EXPECT_EQ(all({"touch", "-c", there("not")}), "0 |");
  EXPECT_EQ(cairn({"test", "-e", there("not")}).code, 1);
  EXPECT_EQ(cairn({"touch", "-t", "tomorrow", there("a")}).code, 2);
  EXPECT_EQ(all({"touchz", there("a")}), "1 |cairn: touchz: " + there("a") + ": is not empty\n");
  EXPECT_EQ(all({"touchz", there("d")}), "1 |cairn: touchz: " + there("d") + ": is a directory\n");
}

TEST_F(VerbsTest, PartsOfFiles) {
  have("a", std::string(2000, 'x') + "end\n");
  EXPECT_EQ(cairn({"head", there("a")}).out, std::string(1024, 'x'));
  EXPECT_EQ(cairn({"head", "-c", "3", there("a")}).out, "xxx");
  EXPECT_EQ(cairn({"tail", "-c", "5", there("a")}).out, "xend\n");
  EXPECT_EQ(cairn({"tail", there("a")}).out.size(), 1024u);
  EXPECT_EQ(all({"head", there("no")}), missing("head", "no"));
  EXPECT_EQ(all({"tail", remote_}), "1 |cairn: tail: " + remote_ + ": is a directory\n");
  EXPECT_EQ(cairn({"head", "-c", "many", there("a")}).code, 2);
  EXPECT_EQ(cairn({"text", there("a")}).out.size(), 2004u);
  EXPECT_EQ(all({"text", there("no")}), missing("text", "no"));
}

TEST_F(VerbsTest, TailFollowsWhatIsAdded) {
  have("log", "one\n");
  auto tail = mini_->begin({"tail", "-f", "-s", "1", there("log")}, "tail");
  ASSERT_TRUE(tail->awaitLine("one").has_value());
  writeFile(here("more"), "two\n");
  ASSERT_EQ(all({"append", here("more"), there("log")}), "0 |");
  EXPECT_TRUE(tail->awaitLine("two").has_value());
  tail->kill();
}

TEST_F(VerbsTest, AppendAddsAndMakes) {
  writeFile(here("one"), "1\n");
  writeFile(here("two"), "2\n");
  EXPECT_EQ(all({"append", here("one"), here("two"), there("new")}), "0 |");
  EXPECT_EQ(all({"appendToFile", here("one"), there("new")}), "0 |");
  EXPECT_EQ(cairn({"cat", there("new")}).out, "1\n2\n1\n");
  EXPECT_EQ(all({"append", here("two"), here("no"), there("new")}),
            "1 |cairn: append: " + here("no") + ": no such file or directory\n");
  EXPECT_EQ(cairn({"cat", there("new")}).out, "1\n2\n1\n2\n") << "what came before it stays";
  EXPECT_EQ(all({"append", "/dev/null", there("new")}), "0 |") << "an append of nothing";
  EXPECT_EQ(all({"append", here("one"), remote_}),
            "1 |cairn: append: " + remote_ + ": is a directory\n");
}

TEST_F(VerbsTest, GetmergeJoins) {
  have("d/1", "one");
  have("d/2", "");
  have("d/3", "three");
  EXPECT_EQ(cairn({"getmerge", there("d"), "-"}).out, "onethree");
  EXPECT_EQ(cairn({"getmerge", "-n", there("d"), "-"}).out, "one\n\nthree\n");
  EXPECT_EQ(all({"getmerge", "-n", "--skip-empty-file", there("d"), here("all")}), "0 |");
  EXPECT_EQ(readFile(here("all")), "one\nthree\n");
  EXPECT_EQ(all({"getmerge", there("d/1"), there("no"), here("all")}), missing("getmerge", "no"));
  EXPECT_EQ(readFile(here("all")), "one\nthree\n") << "nothing was touched";
}

TEST_F(VerbsTest, CpCopiesTreesAndKeepsWhatItIsToldTo) {
  have("d/a", "A");
  have("d/e/b", "B");
  ASSERT_EQ(cairn({"chmod", "600", there("d/a")}).code, 0);
  ASSERT_EQ(cairn({"touch", "-t", "@1704164645", there("d/a")}).code, 0);
  EXPECT_EQ(all({"cp", there("d"), there("x")}),
            "1 |cairn: cp: " + there("d") + ": is a directory (-r copies it)\n");
  EXPECT_EQ(all({"cp", "-r", "-p", "-t", "4", there("d"), there("x")}), "0 |");
  EXPECT_EQ(cairn({"cat", there("x/e/b")}).out, "B");
  EXPECT_EQ(format("%a %Y", "x/a"), "600 1704164645\n");
  EXPECT_EQ(all({"cp", there("d/a"), there("x/a")}),
            "1 |cairn: cp: " + there("x/a") + ": file exists\n");
  EXPECT_EQ(all({"cp", "-f", there("d/e/b"), there("x/a")}), "0 |");
  EXPECT_EQ(cairn({"cat", there("x/a")}).out, "B");
  EXPECT_EQ(cairn({"cp", "-r", there("d"), there("d/e")}).code, 1) << "into itself";
  EXPECT_EQ(all({"cp", there("no"), there("y")}), missing("cp", "no"));
  EXPECT_EQ(cairn({"cp", "-t", "0", there("d/a"), there("y")}).code, 2);
  EXPECT_EQ(cairn({"find", remote_, "-name", "*_COPYING_"}).out, "");
}

// Protects from files that are named like the pattern that was to find their place.
TEST_F(VerbsTest, APatternAsDestinationStandsForTheOneThatItMatches) {
  have("a", "A");
  have("day1/x", "");
  EXPECT_EQ(all({"put", here("a"), there("d*")}), "0 |");
  EXPECT_EQ(all({"cp", there("a"), there("d*/x")}),
            "1 |cairn: cp: " + there("day1/x") + ": file exists\n");
  EXPECT_EQ(all({"append", here("a"), there("da?1/x")}), "0 |");
  EXPECT_EQ(all({"cat", there("day1/x")}), "0 A|");
  ASSERT_EQ(cairn({"mkdir", there("day2")}).code, 0);
  for (const char* verb : {"put", "append"}) {
    EXPECT_EQ(all({verb, here("a"), there("d*")}), "1 |cairn: " + std::string(verb) + ": " +
                                                       there("d*") +
                                                       ": matches 2 names; one is needed\n");
  }
  EXPECT_EQ(all({"mv", there("a"), there("{day2,none}")}), "0 |");
  // As in a local shell, one that matches nothing is a name.
  EXPECT_EQ(all({"put", here("a"), there("new[1]")}), "0 |");
  EXPECT_EQ(all({"put", here("a"), there("\\*")}), "0 |");
  EXPECT_EQ(cairn({"ls", "-R", remote_}).out, remote_ + ":\n*\nday1\nday2\nnew[1]\n\n" +
                                                  there("day1") + ":\na\nx\n\n" + there("day2") +
                                                  ":\na\n");
}

TEST_F(VerbsTest, ManyFilesOnSeveralThreads) {
  for (int i = 0; i < 40; ++i) {
    fs::create_directories(here("tree/" + std::to_string(i % 4)));
    writeFile(here("tree/" + std::to_string(i % 4) + "/f" + std::to_string(i)), std::to_string(i));
  }
  EXPECT_EQ(all({"put", "-r", "--threads", "8", here("tree"), there("tree")}), "0 |");
  EXPECT_EQ(all({"get", "-r", "-t", "8", there("tree"), here("back")}), "0 |");
  EXPECT_EQ(run({"diff", "-r", here("tree"), here("back")}, {}).out, "");
  // Each that exists is refused, and told.
  const auto again = cairn({"put", "-r", "-t", "8", here("tree/0"), there("tree")});
  EXPECT_EQ(again.code, 1);
  EXPECT_EQ(std::ranges::count(again.err, '\n'), 10) << again.err;
  EXPECT_EQ(all({"moveFromLocal", "-r", "-t", "4", here("tree"), there("moved")}), "0 |");
  EXPECT_FALSE(fs::exists(here("tree")));
  EXPECT_EQ(cairn({"cat", there("moved/3/f39")}).out, "39");
}

TEST_F(VerbsTest, CountDuDfFind) {
  have("d/a", std::string(1000, 'a'));
  have("d/e/b c", "B");
  EXPECT_EQ(all({"count", there("d")}),
            "0            2            2         1001  " + there("d") + "\n|");
  EXPECT_EQ(all({"count", there("no")}), missing("count", "no"));
  EXPECT_TRUE(cairn({"du", "-s", there("d")}).out.starts_with("        1001 "));
  EXPECT_TRUE(cairn({"df"}).out.starts_with("Namenode "));
  EXPECT_EQ(cairn({"find", there("d"), "-type", "f"}).out,
            there("d/a") + "\n" + there("d/e/b c") + "\n");
  EXPECT_EQ(cairn({"find", there("d"), "-iname", "B*", "-print0"}).out,
            there("d/e/b c") + std::string(1, '\0'));
  EXPECT_EQ(cairn({"find", there("d"), "-frob"}).code, 2);
  EXPECT_EQ(all({"find", there("no")}), missing("find", "no"));
}

TEST_F(VerbsTest, JsonIsForScripts) {
  have("d/a\nb", "A");
  EXPECT_NE(cairn({"ls", "--json", there("d")}).out.find("\"path\":\"" + there("d") + "/a\\nb\""),
            std::string::npos);
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"ls", "-R", "--json", remote_},
                                             {"stat", "--json", remote_},
                                             {"du", "--json", remote_},
                                             {"count", "--json", remote_},
                                             {"find", "--json", remote_},
                                             {"df", "--json"},
                                             {"admin", "report", "--json"},
                                             {"fsck", remote_, "--json", "--locations"}}) {
    const auto outcome = cairn(words);
    EXPECT_EQ(outcome.code, 0) << words[0] << outcome.err;
    writeFile(here("json"), outcome.out);
    EXPECT_EQ(run({"python3", "-m", "json.tool", here("json")}, {}).code, 0)
        << words[0] << ": " << outcome.out;
  }
}

// Protects: 'cat' moves a time of access that is old, 'fsck' does not; 'stat' and 'ls -u' show it.
TEST_F(VerbsTest, ReadingMovesTimesOfAccess) {
  have("read", "12");
  have("kept", "1");
  ASSERT_EQ(cairn({"touch", "-t", "@1704164645", there("read"), there("kept")}).code, 0);
  ASSERT_EQ(cairn({"touch", "-t", "@1704164646", there("kept")}).code, 0);
  EXPECT_EQ(cairn({"ls", "-t", "-u", remote_}).out, "kept\nread\n");
  EXPECT_EQ(cairn({"cat", there("read")}).out, "12");
  EXPECT_EQ(cairn({"fsck", remote_, "--files", "--chunks", "--locations"}).code, 0);
  // Answers when what came before it is written.
  ASSERT_EQ(cairn({"chmod", "600", there("read")}).code, 0);
  EXPECT_EQ(format("%X %Y", "kept"), "1704164646 1704164646\n");
  EXPECT_EQ(format("%Y", "read"), "1704164645\n");
  EXPECT_GT(std::stoll(format("%X", "read")), 1704164646);
  EXPECT_EQ(cairn({"ls", "-t", "-u", remote_}).out, "read\nkept\n");
}

TEST_F(VerbsTest, LsSorts) {
  have("a", "12");
  have("b", "1");
  have("c", "123");
  ASSERT_EQ(cairn({"touch", "-t", "@3", there("a")}).code, 0);
  ASSERT_EQ(cairn({"touch", "-t", "@1", there("b")}).code, 0);
  ASSERT_EQ(cairn({"touch", "-t", "@2", there("c")}).code, 0);
  EXPECT_EQ(cairn({"ls", "-t", remote_}).out, "a\nc\nb\n");
  EXPECT_EQ(cairn({"ls", "-tr", remote_}).out, "b\nc\na\n");
  EXPECT_EQ(cairn({"ls", "-S", remote_}).out, "c\na\nb\n");
  EXPECT_EQ(cairn({"ls", "-r", remote_}).out, "c\nb\na\n");
}

TEST_F(VerbsTest, TestAnswersByItsExitCode) {
  have("full", "x");
  have("empty", "");
  const auto asked = [&](const std::string& flag, const std::string& name) {
    return cairn({"test", flag, there(name)}).code;
  };
  EXPECT_EQ(asked("-e", "full"), 0);
  EXPECT_EQ(asked("-e", "no"), 1);
  EXPECT_EQ(asked("-d", ""), 0);
  EXPECT_EQ(asked("-d", "full"), 1);
  EXPECT_EQ(asked("-f", "full"), 0);
  EXPECT_EQ(asked("-s", "empty"), 1);
  EXPECT_EQ(asked("-z", "empty"), 0);
  EXPECT_EQ(asked("-w", "full"), 0);
  EXPECT_EQ(cairn({"test", there("full")}).code, 2);
  EXPECT_EQ(cairn({"test", "-e", "-f", there("full")}).code, 2);
}

TEST_F(VerbsTest, RmdirTruncateSetrepConcat) {
  have("d/a", std::string(3000, 'a'));
  ASSERT_EQ(cairn({"mkdir", there("empty")}).code, 0);
  EXPECT_EQ(all({"rmdir", there("empty"), there("d")}),
            "1 |cairn: rmdir: " + there("d") + ": directory not empty\n");
  EXPECT_EQ(cairn({"test", "-e", there("empty")}).code, 1);
  EXPECT_EQ(all({"rmdir", "--ignore-fail-on-non-empty", there("d")}), "0 |");
  EXPECT_EQ(all({"rmdir", there("d/a")}),
            "1 |cairn: rmdir: " + there("d/a") + ": not a directory\n");

  EXPECT_EQ(all({"truncate", "-s", "0", there("d/a")}), "0 |") << "at a chunk's border: at once";
  EXPECT_EQ(format("%s", "d/a"), "0\n");
  EXPECT_EQ(cairn({"truncate", "-s", "2000", there("d/a")}).code, 1) << "longer";
  EXPECT_EQ(cairn({"truncate", there("d/a")}).code, 2);

  EXPECT_EQ(all({"setrep", "-w", "1", there("d")}), "0 |");
  EXPECT_EQ(all({"setrep", "3", there("d/a")}), "0 |");
  EXPECT_EQ(format("%r", "d/a"), "3\n");
  EXPECT_EQ(cairn({"setrep", "0", there("d/a")}).code, 2);
  EXPECT_EQ(all({"setrep", "2", there("no")}), missing("setrep", "no"));

  have("c1", "one");
  have("c2", "two");
  EXPECT_EQ(all({"concat", there("c1"), there("c2")}), "0 |");
  EXPECT_EQ(cairn({"cat", there("c1")}).out, "onetwo");
  EXPECT_EQ(cairn({"test", "-e", there("c2")}).code, 1);
  EXPECT_EQ(all({"concat", there("c1"), there("no")}), missing("concat", "no"));
}

TEST_F(VerbsTest, TruncateWaitsForTheDatanodes) {
  have("a", std::string(3000, 'a'));
  EXPECT_EQ(all({"truncate", "-w", "-s", "1000", there("a")}), "0 |");
  EXPECT_EQ(cairn({"cat", there("a")}).out, std::string(1000, 'a'));
}

TEST_F(VerbsTest, ChecksumIsHdfss) {
  have("hello", "hello\n");
  // Captured from HDFS.
  EXPECT_EQ(
      cairn({"checksum", there("hello")}).out,
      there("hello") +
          "\tMD5-of-0MD5-of-512CRC32C\t0000020000000000000000002b559725e23eb93541b0675b41e25ab3"
          "\n");
  EXPECT_EQ(all({"checksum", there("no")}), missing("checksum", "no"));
}

TEST_F(VerbsTest, ExtendedAttributes) {
  have("a", "A");
  EXPECT_EQ(all({"setfattr", "-n", "user.one", "-v", "first", there("a")}), "0 |");
  EXPECT_EQ(all({"setfattr", "-n", "user.two", "-v", "0x6869", there("a")}), "0 |");
  EXPECT_EQ(cairn({"getfattr", there("a")}).out,
            "# file: " + there("a") + "\nuser.one=\"first\"\nuser.two=\"hi\"\n\n");
  EXPECT_EQ(cairn({"getfattr", "-n", "user.two", "-e", "hex", there("a")}).out,
            "# file: " + there("a") + "\nuser.two=0x6869\n\n");
  EXPECT_EQ(all({"setfattr", "-x", "user.one", there("a")}), "0 |");
  EXPECT_EQ(all({"setfattr", "-x", "user.one", there("a")}),
            "1 |cairn: setfattr: " + there("a") +
                ": No matching attributes found for remove operation\n");
  EXPECT_EQ(cairn({"setfattr", "-n", "one", there("a")}).code, 2);
  EXPECT_EQ(cairn({"setfattr", there("a")}).code, 2);
  EXPECT_EQ(all({"getfattr", there("no")}), missing("getfattr", "no"));
}

TEST_F(VerbsTest, TrashKeepsWhatIsRemoved) {
  const std::string on = "--fs.trash_interval_minutes=60";
  const auto inTrash = [](const std::string& path) {
    return cairn({"find", ".Trash", "-name", path}).out;
  };
  have("mine", "A");
  EXPECT_EQ(all({"rm", on, there("mine")}), "0 |");
  EXPECT_EQ(inTrash("mine"), ".Trash/Current" + there("mine") + "\n");
  have("gone", "A");
  EXPECT_EQ(all({"rm", on, "--skip-trash", there("gone")}), "0 |");
  EXPECT_EQ(inTrash("gone"), "");
  EXPECT_EQ(all({"expunge", on}), "0 |");
  EXPECT_EQ(inTrash("Current"), "") << "it is a checkpoint now";
  EXPECT_NE(inTrash("mine"), "");
  EXPECT_EQ(all({"expunge", "--immediate"}), "0 |");
  EXPECT_EQ(inTrash("mine"), "");
}

// The namenode's interval counts, whatever the client's is, and for how long expunge keeps things.
TEST(VerbsTrash, NamenodesIntervalWins) {
  Mini mini({"--datanodes", "1", "--fs.replication", "1", "--fs.trash_interval_minutes", "600",
             "--client.user", "root"});
  ASSERT_TRUE(mini.serving());
  const auto root = [&](std::vector<std::string> words) {
    return mini.cairn(std::move(words), {"CAIRN_USER=root"});
  };
  const auto inTrash = [&](const std::string& name) {
    return root({"find", "/user/root/.Trash", "-name", name}).out;
  };
  ASSERT_EQ(root({"touch", "/one", "/two", "/three", "/four"}).err, "");
  EXPECT_EQ(root({"rm", "/one"}).err, "");
  EXPECT_EQ(inTrash("one"), "/user/root/.Trash/Current/one\n");
  EXPECT_EQ(root({"rm", "--fs.trash_interval_minutes=0", "/two"}).err, "");
  EXPECT_EQ(inTrash("two"), "/user/root/.Trash/Current/two\n");
  EXPECT_EQ(root({"fs", "-rm", "/three"}).out, "") << "nothing is deleted";
  EXPECT_EQ(inTrash("three"), "/user/root/.Trash/Current/three\n");
  EXPECT_EQ(root({"fs", "-rm", "-skipTrash", "/four"}).out, "Deleted /four\n");
  EXPECT_EQ(inTrash("four"), "");
  // The second run of each meets the checkpoint of the first.
  for (int times = 0; times < 2; ++times) {
    EXPECT_EQ(root({"expunge"}).err, "");
    EXPECT_EQ(root({"fs", "-expunge"}).err, "");
  }
  EXPECT_NE(inTrash("one"), "") << "it is younger than the namenode's interval";
  EXPECT_EQ(mini.stop(), 0) << mini.process().errors();
}

// A rename does not look at what lies below (docs/decisions/0010): whatever then comes to a path
// beyond the limits names it and does the rest, and the files can be had back.
TEST_F(VerbsTest, TreesBeyondTheLimitsAreNamedAndCanBeHadBack) {
  std::string deep;
  for (int level = 0; level < 600; ++level) deep += "/d";
  ASSERT_EQ(cairn({"mkdir", "-p", there("a") + deep, there("b") + deep}).err, "");
  writeFile(here("f"), "hello\n");
  ASSERT_EQ(cairn({"put", here("f"), there("a") + deep + "/f"}).err, "");
  have("z", "Z");
  ASSERT_EQ(all({"mv", there("a"), there("b") + deep}), "0 |");
  std::string beyond = there("b") + deep + "/a";  // the first that cannot be named
  while (std::ranges::count(beyond, '/') < 1001) beyond += "/d";
  const auto onlyComplains = [&](std::vector<std::string> words, const std::string& text) {
    const auto outcome = cairn(words);
    EXPECT_EQ(outcome.code, 1) << words[0];
    EXPECT_EQ(outcome.err, text) << words[0];
    return outcome.out;
  };
  const std::string why = "the path has 1001 levels; the limit is 1000\n";
  const auto passedOver = [&](const std::string& verb) {
    return "cairn: " + verb + ": " + beyond + ": not looked into: " + why;
  };
  const auto inHadoops = [&](const std::string& verb) {
    return verb + ": `" + beyond + "': not looked into: " + why;
  };
  for (const std::string verb : {"find", "fsck"}) {
    const auto out =
        onlyComplains({verb, remote_, verb == "fsck" ? "--files" : "-print"}, passedOver(verb));
    EXPECT_NE(out.find(there("z")), std::string::npos) << verb << " goes on: " << out;
  }
  onlyComplains({"ls", "-R", remote_}, passedOver("ls"));
  onlyComplains({"setrep", "1", remote_}, passedOver("setrep"));
  onlyComplains({"get", "-r", remote_, here("out")}, passedOver("get"));
  EXPECT_EQ(readFile(here("out") + "/z"), "Z");
  onlyComplains({"fs", "-ls", "-R", remote_}, inHadoops("ls"));
  onlyComplains({"fs", "-get", remote_, here("out2")}, inHadoops("get"));
  EXPECT_EQ(readFile(here("out2") + "/z"), "Z");
  onlyComplains({"fs", "-chmod", "-R", "700", remote_},
                "chmod: changing permissions of '" + beyond + "': " + why + inHadoops("chmod"));
  onlyComplains({"cat", beyond}, "cairn: cat: " + beyond + ": " + why);
  onlyComplains({"fs", "-cat", beyond}, "cat: `" + beyond + "': " + why);
  EXPECT_EQ(all({"count", remote_}),
            "0         1203            2            7  " + remote_ + "\n|");

  ASSERT_EQ(all({"mv", there("b") + deep + "/a", there("a")}), "0 |");
  EXPECT_EQ(all({"cat", there("a") + deep + "/f"}), "0 hello\n|");
  ASSERT_EQ(all({"mv", there("a"), there("b") + deep}), "0 |");
  EXPECT_EQ(all({"rm", "-r", there("b")}), "0 |");
  EXPECT_EQ(all({"fsck", remote_}).substr(0, 2), "0 ");
}

TEST_F(VerbsTest, WhatIsMissingIsNamed) {
  const auto missing = [](std::vector<std::string> words) {
    const auto text = cairn(std::move(words)).err;
    return text.substr(0, text.find(" (see"));
  };
  EXPECT_EQ(missing({"setrep"}), "cairn: setrep: the number of replicas is missing");
  EXPECT_EQ(missing({"setrep", "3"}), "cairn: setrep: a path is missing");
  EXPECT_EQ(missing({"chmod", "644"}), "cairn: chmod: a path is missing");
  EXPECT_EQ(missing({"chown", "ann"}), "cairn: chown: a path is missing");
  EXPECT_EQ(missing({"concat", "/a"}), "cairn: concat: a source is missing");
  EXPECT_EQ(missing({"put", "a"}), "cairn: put: the destination is missing");
}

// In Hadoop's exit codes a number beyond the limits is a failure, one that is none is wrong usage.
TEST_F(VerbsTest, GenericOptionsBeyondTheLimits) {
  writeFile(here("a"), "A");
  const auto put = [&](const std::string& property) {
    return cairn({"fs", "-D", property, "-put", here("a"), there("a")});
  };
  EXPECT_EQ(put("dfs.replication=0").err,
            "put: -D dfs.replication=0: fs.replication is '0'; it must be a whole number from 1 to "
            "512\n");
  EXPECT_EQ(put("dfs.replication=0").code, 1);
  EXPECT_EQ(put("dfs.blocksize=0").code, 1);
  EXPECT_EQ(put("dfs.replication=x").code, 255);
  EXPECT_EQ(cairn({"fs", "-conf", here("none.xml"), "-ls", "/"}).code, 255);
  EXPECT_EQ(all({"test", "-e", there("a")}), "1 |");
}

TEST_F(VerbsTest, CompletionKnowsCommandsFlagsAndPaths) {
  have("data/one", "1");
  have("data/only/x", "1");
  have("data/two", "2");
  const auto complete = [](std::vector<std::string> words) {
    words.insert(words.begin(), "__complete");
    return cairn(std::move(words)).out;
  };
  EXPECT_EQ(complete({"getm"}), "getmerge\n");
  EXPECT_EQ(complete({"ls", "--rec"}), "--recursive\n");
  EXPECT_EQ(complete({"fs", "-set"}), "-setfattr\n-setrep\n");
  EXPECT_EQ(complete({"fs", "-rm", "-skip"}), "-skipTrash\n");
  EXPECT_EQ(complete({"admin", "safemode", "w"}), "wait\n");
  EXPECT_EQ(complete({"cat", there("data/on")}),
            there("data/one") + "\n" + there("data/only/") + "\n");
  EXPECT_EQ(complete({"fs", "-cat", there("data/t")}), there("data/two") + "\n");
  EXPECT_EQ(complete({"put", "/etc/pass"}), "") << "a local file: the shell's business";
  EXPECT_EQ(complete({"put", "/etc/passwd", there("data/t")}), there("data/two") + "\n");
  EXPECT_EQ(complete({"cat", there("no/such/")}), "");
  EXPECT_NE(cairn({"completion", "bash"}).out.find("complete -o default -F _cairn cairn"),
            std::string::npos);
  EXPECT_NE(cairn({"completion", "zsh"}).out.find("#compdef cairn"), std::string::npos);
  EXPECT_EQ(cairn({"completion", "fish"}).code, 2);
}

}  // namespace
}  // namespace cairn::testkit
