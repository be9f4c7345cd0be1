// Defaults, file, environment, flags: who wins, and what is said of a mistake in each.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>

#include "common/config/load.h"
#include "common/config/toml_text.h"
#include "tests/testkit/results.h"

namespace cairn::config {
namespace {

class LayersTest : public ::testing::Test {
protected:
  LayersTest() {
    inputs.machine = {.home = "/homes/u", .user = "u", .cores = 2};
    inputs.readFile = [this](const std::string& path) -> Result<std::optional<std::string>> {
      asked.push_back(path);
      const auto found = files.find(path);
      if (found == files.end()) return std::nullopt;
      return found->second;
    };
  }
  std::int64_t replication() { return load(inputs).value().integer("fs.replication"); }
  std::string mistake() { return testkit::messageOf(load(inputs)); }
  void flags(std::vector<std::string> args) { inputs.flags = takeSettingFlags(args).value().flags; }

  static constexpr const char* USERS_FILE = "/homes/u/.config/cairn/cairn.toml";
  LoadInputs inputs;
  std::map<std::string, std::string> files;
  std::vector<std::string> asked;
};

// Protects the order that is promised: each layer wins over those before it.
TEST_F(LayersTest, LaterOnesWin) {
  EXPECT_EQ(replication(), 3);
  files["/etc/cairn/cairn.toml"] = "[fs]\nreplication = 4\n";
  EXPECT_EQ(replication(), 4);
  files[USERS_FILE] = "[fs]\nreplication = 5\n";  // in place of the machine's, not on top of it
  EXPECT_EQ(replication(), 5);
  inputs.environment["CAIRN_FS_REPLICATION"] = "6";
  EXPECT_EQ(replication(), 6);
  flags({"--fs.replication=7", "--fs.replication", "8"});
  EXPECT_EQ(replication(), 8);
  EXPECT_EQ(load(inputs)->originOf("fs.replication"), "flag --fs.replication");
}

// Protects whoever names a file: it is read, and no other; one that is missing is an error.
TEST_F(LayersTest, ANamedFileMustExist) {
  files[USERS_FILE] = "[fs]\nreplication = 5\n";
  files["/my.toml"] = "";
  inputs.environment["CAIRN_CONFIG"] = "/my.toml";
  EXPECT_EQ(replication(), 3);
  EXPECT_EQ(asked, std::vector<std::string>{"/my.toml"});
  inputs.configFile = "/none.toml";
  EXPECT_CODE(Code::NOT_FOUND, load(inputs));
  EXPECT_EQ(mistake(), "configuration file /none.toml does not exist (--config)");
}

// Protects a cluster from a mistyped key that would silently do nothing: it is an error, with the
// place and the nearest name.
TEST_F(LayersTest, UnknownKeysAreErrorsWithASuggestion) {
  files[USERS_FILE] = "[fs]\nreplication = 2\nreplicatoin = 2\n";
  EXPECT_EQ(mistake(), std::string(USERS_FILE) +
                           ":3: there is no setting 'fs.replicatoin'; did you mean "
                           "'fs.replication'?");
  files[USERS_FILE] = "replication = 2\n";  // in no section
  EXPECT_NE(mistake().find("did you mean 'fs.replication'?"), std::string::npos);
  files[USERS_FILE] = "[datanod]\n";
  EXPECT_NE(mistake().find("there is no section 'datanod'"), std::string::npos);
  files.clear();
  inputs.environment["CAIRN_FS_REPLICATOIN"] = "2";
  EXPECT_EQ(mistake(),
            "environment: there is no variable CAIRN_FS_REPLICATOIN; did you mean "
            "'CAIRN_FS_REPLICATION'?");
  inputs.environment.clear();
  flags({"--fs.replicatoin=2"});
  EXPECT_NE(mistake().find("did you mean 'fs.replication'?"), std::string::npos);
}

// Protects who mistypes the namenode's times, in a file or on the command line.
TEST_F(LayersTest, MistypedTimesHaveASuggestion) {
  for (const std::string key :
       {"namenode.lease_soft_ms", "namenode.lease_hard_ms", "namenode.access_time_precision_ms",
        "fs.trash_checkpoint_interval_minutes"}) {
    const auto dot = key.find('.');
    const auto wrong = key.substr(dot + 1) + "s";
    files[USERS_FILE] = "[" + key.substr(0, dot) + "]\n" + wrong + " = 1000\n";
    EXPECT_EQ(mistake(), std::string(USERS_FILE) + ":2: there is no setting '" + key +
                             "s'; did you mean '" + key + "'?");
    files[USERS_FILE] = "[" + key.substr(0, dot) + "]\n" + key.substr(dot + 1) + " = \"soon\"\n";
    EXPECT_NE(mistake().find(key + " is 'soon'; it must be"), std::string::npos) << mistake();
  }
}

// Protects against values that are read as something else: each has to have its type.
TEST_F(LayersTest, ValuesInAFileHaveTheirType) {
  for (const char* bad : {"replication = \"many\"", "replication = 2.5", "replication = 0",
                          "umask = 22", "chunk_size = true", "codec = [\"zstd\"]", "codec = \"gz\"",
                          "replication = ", "replication = 1\nreplication = 2"}) {
    files[USERS_FILE] = std::string("[fs]\n") + bad + "\n";
    EXPECT_CODE(Code::INVALID_ARGUMENT, load(inputs)) << bad;
    EXPECT_TRUE(mistake().starts_with(std::string(USERS_FILE) + ":")) << mistake();
  }
  files[USERS_FILE] = "[fs]\numask = 0o27\nchunk_size = \"2MiB\"\n[datanode]\ndirs = [\"/a,b\"]\n";
  ASSERT_VALUE(const auto settings, load(inputs));
  EXPECT_EQ(settings.fileMode("fs.umask"), 027U);
  EXPECT_EQ(settings.bytes("fs.chunk_size"), 2U << 20);
  EXPECT_EQ(settings.list("datanode.dirs"), std::vector<std::string>{"/a,b"});
}

// Protects: what is no TOML is an error that names the line, whatever it is.
TEST_F(LayersTest, AFileThatIsNoTomlIsAnError) {
  for (const std::string bad :
       {"[%name]", "[", "[fs", "fs]", "[fs]\ncodec = ", "[fs]\ncodec", "=", "\"", "[fs]\n\x01",
        "[\"fs]", "[[fs]", "\xff\xfe", "[fs]\nd\xc6\xac = 1", "[fs]\n\xc2\xa0umask = \"022\""}) {
    files[USERS_FILE] = bad;
    EXPECT_CODE(Code::INVALID_ARGUMENT, load(inputs)) << bad;
    EXPECT_TRUE(mistake().starts_with(std::string(USERS_FILE) + ":")) << mistake();
  }
}

// Protects: a character beyond ASCII may stand in a string or a comment of any kind, and is found
// behind each of them.
TEST(TomlText, StrayUnicodeIsFoundOutsideStringsAndComments) {
  const std::string e = "\xc3\xa9";
  for (const std::string& good :
       {"# " + e + "\na = 1 # " + e, "a = \"" + e + "\"", "a = \"\\\"" + e + "\"",
        "a = '\\" + e + "'", "\"" + e + "\" = 1", "a = \"\"\"\n\" " + e + " # \n\"\"\"",
        "a = '''\n" + e + "'\n'''", std::string(), "a = \"" + e,
        // Quotes right before those that end a string.
        "a = '''" + e + "''''", "a = \"\"\"" + e + "\"\"\"\"\"", std::string("a = \"\"\"\"\"\""),
        // A byte order mark.
        std::string("\xEF\xBB\xBF"
                    "a = 1")}) {
    EXPECT_EQ(lineOfStrayUnicode(good), std::nullopt) << good;
    EXPECT_EQ(lineOfStrayUnicode(good + "\n" + e), std::count(good.begin(), good.end(), '\n') + 2)
        << good;
  }
  EXPECT_EQ(lineOfStrayUnicode("a = '\\' " + e), 1);
  EXPECT_EQ(lineOfStrayUnicode("a = '''b'''' " + e), 1);
}

// Protects the short names that users know, and shells that unset a variable by emptying it.
TEST_F(LayersTest, VariablesWithShortNames) {
  inputs.environment["CAIRN_NAMENODE"] = "nn:1";
  EXPECT_EQ(load(inputs)->text("client.namenode"), "nn:1");
  inputs.environment["CAIRN_CLIENT_NAMENODE"] = "nn:2";
  EXPECT_EQ(load(inputs)->text("client.namenode"), "nn:2");
  inputs.environment["CAIRN_CLIENT_NAMENODE"] = "";
  EXPECT_EQ(load(inputs)->text("client.namenode"), "nn:1");
  inputs.environment["CAIRN_TEST_ANYTHING"] = "x";
  EXPECT_OK(load(inputs));
}

// Protects a command's own arguments from being taken for settings, and the reverse.
TEST_F(LayersTest, FlagsOfSettingsAreTakenOut) {
  ASSERT_VALUE(const auto taken,
               takeSettingFlags({"put", "--config", "/c", "-f", "--datanode.fsync", "a.b",
                                 "--fs.codec", "none", "--", "--fs.codec=zstd"}));
  EXPECT_EQ(taken.configFile, "/c");
  ASSERT_EQ(taken.flags.size(), 2U);
  EXPECT_EQ(taken.flags[0].value, "true");
  EXPECT_EQ(taken.flags[1].value, "none");
  EXPECT_EQ(taken.rest, (std::vector<std::string>{"put", "-f", "a.b", "--", "--fs.codec=zstd"}));
  EXPECT_CODE(Code::INVALID_ARGUMENT, takeSettingFlags({"--fs.codec"}));
}

}  // namespace
}  // namespace cairn::config
