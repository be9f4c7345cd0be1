// Protects: `cairn fs` speaks as Hadoop 3.4's shell does. The expectations were captured from the
// real one (hdfs dfs, TZ=UTC); scripts that read its output must not notice the difference.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include <array>

#include "client/shell/failures.h"
#include "client/shell/hadoop/deprecated.h"
#include "client/shell/hadoop/format.h"
#include "client/shell/hadoop/generic_options.h"
#include "client/shell/hadoop/local_uri.h"
#include "client/shell/hadoop/options.h"
#include "client/shell/hadoop/wording.h"
#include "tests/testkit/scratch.h"

namespace cairn::shell::hadoop {
namespace {

constexpr std::int64_t TIME_MS = 1704164645000;  // 2024-01-02 03:04:05 UTC

Entry fileOf(std::uint64_t length, std::string owner = "root", std::string group = "supergroup") {
  return {.kind = EntryKind::FILE,
          .mode = 0644,
          .owner = std::move(owner),
          .group = std::move(group),
          .mtimeMs = TIME_MS,
          .length = length,
          .replication = 1,
          .chunkSize = 134217728};
}

Entry directoryOf(std::uint16_t mode = 0755) {
  return {.kind = EntryKind::DIRECTORY,
          .mode = mode,
          .owner = "root",
          .group = "supergroup",
          .mtimeMs = TIME_MS};
}

class LsTest : public ::testing::Test {
protected:
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
  std::string listing(const std::vector<std::pair<std::string, Entry>>& entries,
                      const LsStyle& style = {}) {
    for (const auto& [name, entry] : entries) columns_.widen(entry);
    std::string text;
    for (const auto& [name, entry] : entries) text += columns_.line(entry, name, style);
    return text;
  }
  LsColumns columns_;
};

// hdfs dfs -ls /d
TEST_F(LsTest, ColumnsAreAsWideAsTheirWidest) {
  auto first = fileOf(6, "hdfs", "users");
  first.mode = 0640;
  first.replication = 2;
  EXPECT_EQ(listing({{"/d/a.txt", first}, {"/d/e", directoryOf(01777)}, {"/d/stdin", fileOf(11)}}),
            "-rw-r-----   2 hdfs users               6 2024-01-02 03:04 /d/a.txt\n"
            "drwxrwxrwt   - root supergroup          0 2024-01-02 03:04 /d/e\n"
            "-rw-r--r--   1 root supergroup         11 2024-01-02 03:04 /d/stdin\n");
}

// hdfs dfs -ls /d/a.txt /d/e
TEST_F(LsTest, WidthsGrowFromArgumentToArgument) {
  auto first = fileOf(6, "hdfs", "users");
  first.mode = 0640;
  first.replication = 2;
  EXPECT_EQ(listing({{"/d/a.txt", first}}),
            "-rw-r-----   2 hdfs users          6 2024-01-02 03:04 /d/a.txt\n");
  EXPECT_EQ(listing({{"/d/e/five", fileOf(5000)}}),
            "-rw-r--r--   1 root supergroup       5000 2024-01-02 03:04 /d/e/five\n");
}

// hdfs dfs -ls -e /d
TEST_F(LsTest, PolicyColumn) {
  EXPECT_EQ(listing({{"/d/dir", directoryOf()}, {"/d/empty", fileOf(0)}}, {.policy = true}),
            "drwxr-xr-x   - root supergroup                     0 2024-01-02 03:04 /d/dir\n"
            "-rw-r--r--   1 root supergroup Replicated          0 2024-01-02 03:04 /d/empty\n");
}

TEST_F(LsTest, NamesAreAsTheyAreUnlessHidden) {
  EXPECT_TRUE(listing({{"/a\nb", fileOf(0)}}).ends_with(" /a\nb\n"));
  EXPECT_TRUE(listing({{"/a\nb", fileOf(0)}}, {.hideControl = true}).ends_with(" /a?b\n"));
  EXPECT_NE(listing({{"/big", fileOf(3'000'000)}}, {.human = true}).find("      2.9 M 2024"),
            std::string::npos);
}

// hdfs dfs -du /m2, -du -s -v /m2 /user
TEST(HadoopTable, IsLeftAligned) {
  Table plain;
  EXPECT_TRUE(plain.empty());
  plain.add({"6", "6", "/m2/b.txt"});
  plain.add({"5000", "5000", "/m2/five"});
  EXPECT_EQ(plain.text(), "6     6     /m2/b.txt\n5000  5000  /m2/five\n");
  Table headed;
  headed.add({"SIZE", "DISK_SPACE_CONSUMED_WITH_ALL_REPLICAS", "FULL_PATH_NAME"});
  headed.add({"5012", "5012", "/m2"});
  headed.add({"3000000", "3000000", "/user"});
  EXPECT_EQ(headed.text(),
            "SIZE     DISK_SPACE_CONSUMED_WITH_ALL_REPLICAS  FULL_PATH_NAME\n"
            "5012     5012                                   /m2\n"
            "3000000  3000000                                /user\n");
}

// hdfs dfs -stat
TEST(HadoopStat, Formats) {
  auto file = fileOf(6);
  file.atimeMs = TIME_MS;
  EXPECT_EQ(formatStat("%a|%A|%b|%F|%g|%n|%o|%r|%u|%x|%X|%y|%Y", "b.txt", file),
            "644|rw-r--r--|6|regular file|supergroup|b.txt|134217728|1|root|2024-01-02 03:04:05|"
            "1704164645000|2024-01-02 03:04:05|1704164645000");
  EXPECT_EQ(formatStat("%a|%A|%b|%F|%g|%n|%o|%r|%u", "sub", directoryOf()),
            "755|rwxr-xr-x|0|directory|supergroup|sub|0|0|root");
  EXPECT_EQ(formatStat("%a %A", "e", directoryOf(01777)), "1777 rwxrwxrwt");
  EXPECT_EQ(formatStat("%q %% %n %", "b.txt", file), "q % b.txt ");
  EXPECT_EQ(formatStat("%n\\n", "b.txt", file), "b.txt\\n");
}

TEST(HadoopWording, PathsAreQuoted) {
  EXPECT_EQ(wordsFor("/x", Status(Code::NOT_FOUND, "whatever")), "`/x': No such file or directory");
  EXPECT_EQ(wordsFor("/d", Status(Code::ALREADY_EXISTS, "")), "`/d': File exists");
  EXPECT_EQ(wordsFor("/d", Status(Code::IS_A_DIRECTORY, "")), "`/d': Is a directory");
  EXPECT_EQ(wordsFor("/f", Status(Code::NOT_A_DIRECTORY, "")), "`/f': Is not a directory");
  EXPECT_EQ(wordsFor("/", Status(Code::IO_ERROR, "")), "`/': Input/output error");
  // hdfs dfs -mkdir /m2/five/q: the namenode's words name the component.
  EXPECT_EQ(wordsFor("/m2/five/q", Status(Code::NOT_A_DIRECTORY, "/m2/five (is not a directory)")),
            "/m2/five (is not a directory)");
  const std::string denied =
      "Permission denied: user=bob, access=WRITE, inode=\"/\":root:supergroup:drwxr-xr-x";
  EXPECT_EQ(wordsFor("/zz", Status(Code::PERMISSION_DENIED, denied)), denied);
  EXPECT_EQ(wordsFor("/x", Status(Code::INTERNAL, "first\nsecond")), "first");
  // A path beyond the limits is named: a walk comes to more than what was typed.
  const Status limit(Code::LIMIT_EXCEEDED, "the path has 1001 levels");
  EXPECT_EQ(wordsFor("/d", listingFailure(limit)),
            "`/d': not looked into: the path has 1001 levels");
  EXPECT_EQ(wordsFor("/d", limit), "`/d': the path has 1001 levels");
  const std::string name = "The maximum path component name limit of x in directory / is exceeded";
  EXPECT_EQ(wordsFor("/x", Status(Code::LIMIT_EXCEEDED, name)), name);
  EXPECT_EQ(noParent("/no/such/x", "hdfs://127.0.0.1:9820/no/such/x"),
            "`/no/such/x': No such file or directory: `hdfs://127.0.0.1:9820/no/such/x'");
}

using Words = std::vector<std::string>;
constexpr std::array<std::string_view, 2> FLAGS = {"f", "r"};
constexpr std::array<std::string_view, 1> WITH_VALUES = {"t"};

Result<Options> parse(const Words& words, std::size_t min = 0, std::size_t max = SIZE_MAX) {
  return parseOptions(
      words, {.flags = FLAGS, .withValues = WITH_VALUES, .argumentsMin = min, .argumentsMax = max});
}

TEST(HadoopOptions, StopAtTheFirstWordThatIsNone) {
  const auto options = parse({"-f", "-t", "4", "/a", "-r"});
  ASSERT_TRUE(options.has_value());
  EXPECT_TRUE(options->flags.contains("f"));
  EXPECT_FALSE(options->flags.contains("r")) << "a path is named -r";
  EXPECT_EQ(options->values.at("t"), "4");
  EXPECT_EQ(options->arguments, (Words{"/a", "-r"}));
  EXPECT_EQ(parse({"-", "-f"})->arguments, (Words{"-", "-f"}));
  EXPECT_EQ(parse({"--", "-f"})->arguments, (Words{"-f"}));
  EXPECT_EQ(parse({"-t", "-f"})->values.at("t"), "");
}

TEST(HadoopOptions, MistakesInHadoopsWords) {
  EXPECT_EQ(parse({"-rf", "/g"}).error().message(), "Illegal option -rf");
  EXPECT_EQ(parse({}, 1).error().message(), "Not enough arguments: expected 1 but got 0");
  EXPECT_EQ(parse({"-f", "/m2"}, 2).error().message(),
            "Not enough arguments: expected 2 but got 1");
  EXPECT_EQ(parse({"/a", "/b"}, 1, 1).error().message(),
            "Too many arguments: expected 1 but got 2");
}

TEST(HadoopLocalUri, NamesAFileOfThisMachine) {
  EXPECT_EQ(localPathOf("file:///a/b c"), "/a/b c");
  EXPECT_EQ(localPathOf("file:/a%20b"), "/a%20b");
  EXPECT_EQ(localPathOf("/a"), "/a");
  EXPECT_EQ(localPathOf("-"), "-");
  EXPECT_EQ(localPathOf("file:a"), "file:a") << "a name";
  EXPECT_EQ(localPathOf("file://host/a"), "file://host/a") << "of another machine";
  EXPECT_EQ(localPathOf("files/a"), "files/a");
}

TEST(HadoopDeprecated, OldVerbsAreThereAndSayWhatToUse) {
  std::string told;
  for (const auto& verb : deprecatedVerbs()) {
    told += std::string(verb.name) + "=" + std::string(verb.instead) + ";";
    EXPECT_TRUE(verb.usage.empty());
  }
  EXPECT_EQ(told, "dus=du -s;lsr=ls -R;rmr=-rm -r;");
  const Words skip{"-skipTrash", "/a"};
  EXPECT_TRUE(parseOptions(skip, deprecatedVerbs()[2].grammar).has_value());
  EXPECT_FALSE(parseOptions(Words{}, deprecatedVerbs()[2].grammar).has_value());
}

TEST(GenericOptions, SetWhatTheyNameAndLeaveTheRest) {
  config::Settings settings({.home = "/nowhere", .user = "ann", .cores = 1});
  const Words words{"-D",
                    "dfs.replication=2",
                    "-Ddfs.blocksize=1048576",
                    "-D",
                    "other.key=x",
                    "-fs",
                    "hdfs://nn1/ignored",
                    "-ls",
                    "-D",
                    "/"};
  const auto rest = takeGenericOptions(words, settings);
  ASSERT_TRUE(rest.has_value()) << rest.error().message();
  EXPECT_EQ(rest->words, (Words{"-ls", "-D", "/"}));
  EXPECT_EQ(settings.integer("fs.replication"), 2);
  EXPECT_EQ(settings.bytes("fs.chunk_size"), 1048576u);
  EXPECT_EQ(settings.text("client.namenode"), "nn1:8020");
  EXPECT_NE(settings.originOf("fs.replication"), "default");
  const Words wrong{"-D", "dfs.replication=many", "-ls"};
  EXPECT_FALSE(takeGenericOptions(wrong, settings).has_value());
  const Words old{"-fs", "nn2:9000", "-D", "fs.permissions.umask-mode=u=rwx,g=rx,o=", "-ls"};
  EXPECT_TRUE(takeGenericOptions(old, settings).has_value());
  EXPECT_EQ(settings.text("client.namenode"), "nn2:9000");
  EXPECT_EQ(settings.fileMode("fs.umask"), 0027);
  const Words octal{"-D", "fs.permissions.umask-mode=077", "-fs", "nn3", "-ls"};
  EXPECT_TRUE(takeGenericOptions(octal, settings).has_value());
  EXPECT_EQ(settings.text("client.namenode"), "nn3:8020");
  EXPECT_EQ(settings.fileMode("fs.umask"), 0077);
  const Words noMask{"-D", "fs.permissions.umask-mode=u=q", "-ls"};
  EXPECT_FALSE(takeGenericOptions(noMask, settings).has_value());
  const Words local{"-fs", "file:///", "-ls"};
  EXPECT_FALSE(takeGenericOptions(local, settings).has_value());
}

// Protects scripts that give all of a job's options to every command: they mean nothing here, and
// what is wrong with them is refused as by the real one.
TEST(GenericOptions, ThoseForJobsAreTakenAndMeanNothing) {
  config::Settings settings({.home = "/nowhere", .user = "ann", .cores = 1});
  const testkit::ScratchDir scratch;
  const auto there = scratch / "there";
  testkit::writeFile(there, "");
  const Words all{"-jt",
                  "local",
                  "-files",
                  there + "," + there + "#name",
                  "-libjars",
                  "file://" + there,
                  "-archives",
                  "hdfs://nn1/none," + there,
                  "-files=" + there,
                  "-jt=",
                  "-fs=hdfs://nn1",
                  "-ls",
                  "-jt"};
  const auto rest = takeGenericOptions(all, settings);
  ASSERT_TRUE(rest.has_value()) << rest.error().message();
  EXPECT_EQ(rest->words, (Words{"-ls", "-jt"}));
  EXPECT_EQ(settings.text("client.namenode"), "nn1:8020");
  // As Hadoop's parser has it, the next word is the value, whatever it looks like.
  EXPECT_EQ(takeGenericOptions(Words{"-jt", "-ls", "/a"}, settings)->words, (Words{"/a"}));
  EXPECT_EQ(takeGenericOptions(Words{"-file", "x"}, settings)->words, (Words{"-file", "x"}));

  const auto refusal = [&](const Words& words) {
    const auto taken = takeGenericOptions(words, settings);
    return taken.has_value() ? std::string("none") : taken.error().toString();
  };
  for (const std::string option : {"D", "conf", "fs", "jt", "files", "libjars", "archives"}) {
    EXPECT_EQ(refusal({"-D", "a=b", "-" + option}),
              "INVALID_ARGUMENT: Missing argument for option: " + option);
  }
  const auto none = scratch / "none";
  for (const std::string option : {"files", "libjars", "archives"}) {
    EXPECT_EQ(refusal({"-" + option, there + "," + none + "#x", "-ls"}),
              "NOT_FOUND: File " + none + " does not exist");
    for (const std::string list : {"", ",", "a,,b"}) {
      EXPECT_EQ(refusal({"-" + option, list == "a,,b" ? there + ",," + there : list, "-ls"}),
                "INVALID_ARGUMENT: File name can't be empty string")
          << list;
    }
  }
}

TEST(GenericOptions, NumbersBeyondTheLimitsAreNoWrongUsage) {
  config::Settings settings({.home = "/nowhere", .user = "ann", .cores = 1});
  const Words none{"-D", "dfs.replication=0", "-put"};
  const auto refused = takeGenericOptions(none, settings);
  ASSERT_TRUE(refused.has_value()) << refused.error().message();
  ASSERT_TRUE(refused->refused.has_value());
  EXPECT_EQ(refused->refused->message(),
            "-D dfs.replication=0: fs.replication is '0'; it must be a whole number from 1 to 512");
  const Words small{"-D", "dfs.blocksize=0", "-put"};
  EXPECT_TRUE(takeGenericOptions(small, settings)->refused.has_value());
  const Words mended{"-D", "dfs.replication=0", "-D", "dfs.replication=2", "-put"};
  EXPECT_FALSE(takeGenericOptions(mended, settings)->refused.has_value());
}

TEST(GenericOptions, FilesSayTheSameAndGiveWay) {
  config::Settings settings({.home = "/nowhere", .user = "ann", .cores = 1});
  const testkit::ScratchDir scratch;
  const auto first = scratch / "first.xml";
  const auto second = scratch / "second.xml";
  testkit::writeFile(
      first,
      "<configuration>"
      "<property><name>dfs.replication</name><value>5</value></property>"
      "<property><name>dfs.blocksize</name><value>1048576</value></property>"
      "<property><name>fs.permissions.umask-mode</name><value>u=rwx</value></property>"
      "<property><name>fs.trash.interval</name><value>60</value></property>"
      "<property><name>fs.defaultFS</name><value>hdfs://nn1</value></property>"
      "<property><name>io.file.buffer.size</name><value>${x}</value></property>"
      "</configuration>");
  testkit::writeFile(second,
                     "<configuration><property><name>dfs.blocksize</name><value>2097152</value>"
                     "</property></configuration>");
  const Words words{"-D",  "dfs.replication=2", "-conf", first,  "-conf", "file://" + second,
                    "-fs", "hdfs://nn2",        "-ls",   "-conf"};
  const auto rest = takeGenericOptions(words, settings);
  ASSERT_TRUE(rest.has_value()) << rest.error().message();
  EXPECT_EQ(rest->words, (Words{"-ls", "-conf"}));
  EXPECT_EQ(settings.integer("fs.replication"), 2);
  EXPECT_EQ(settings.bytes("fs.chunk_size"), 2097152u);
  EXPECT_EQ(settings.fileMode("fs.umask"), 0077);
  EXPECT_EQ(settings.integer("fs.trash_interval_minutes"), 60);
  EXPECT_EQ(settings.text("client.namenode"), "nn2:8020");
  const auto refusal = [&](const std::string& content) {
    testkit::writeFile(first, content);
    const Words again{"-conf", first, "-ls"};
    const auto taken = takeGenericOptions(again, settings);
    return taken.has_value() ? std::string("none") : taken.error().message();
  };
  EXPECT_EQ(refusal("<configuration><property><name>dfs.replication</name><value>${r}</value>"
                    "</property></configuration>"),
            "-conf " + first +
                ": dfs.replication: other properties within a value, as in '${r}', are not "
                "supported");
  EXPECT_EQ(
      refusal("<configuration><property><name>dfs.replication</name><value>x</value>"
              "</property></configuration>"),
      "-conf " + first +
          ": dfs.replication: fs.replication is 'x'; it must be a whole number from 1 to 512");
  EXPECT_EQ(refusal("<configuration>\n<property>"), first + ": line 2: no element found");
  const Words absent{"-conf", scratch / "none.xml", "-ls"};
  EXPECT_EQ(takeGenericOptions(absent, settings).error().message(),
            "open " + (scratch / "none.xml") + ": No such file or directory");
}

}  // namespace
}  // namespace cairn::shell::hadoop
