// Protects: what ls, du, count and df print: columns, headers, human sizes, names that a script or
// a terminal can take, and the bytes on disk, which are those that 'stat' and 'admin report' tell.
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "tests/client/shell/shell_test.h"

namespace cairn::testkit {
namespace {

class ColumnsTest : public ShellTest {
protected:
  // The number behind "NAME": in JSON.
  static std::uint64_t numberIn(const std::string& json, const std::string& name) {
    const auto at = json.find("\"" + name + "\":");
    EXPECT_NE(at, std::string::npos) << name << " in " << json;
    return at == std::string::npos ? 0 : std::stoull(json.substr(at + name.size() + 3));
  }
  // The words of one line.
  static std::vector<std::string> wordsOf(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
  }
  // What ls -l says, without the time.
  static std::string withoutTime(const std::string& text) {
    static const std::regex TIME(R"(\d{4}-\d\d-\d\d \d\d:\d\d)");
    return std::regex_replace(text, TIME, "TIME");
  }
};

TEST_F(ColumnsTest, LsLongHumanAndDirectory) {
  have("d/five", std::string(5000, '0'));
  have("d/b", "B");
  ASSERT_EQ(cairn({"chown", "-R", "ann:users", there("d")}).code, 0);
  ASSERT_EQ(cairn({"chmod", "600", there("d/b")}).code, 0);
  ASSERT_EQ(cairn({"setrep", "12", there("d/b")}).code, 0);
  ASSERT_EQ(cairn({"mkdir", there("d/e")}).code, 0);
  ASSERT_EQ(cairn({"chown", "ann:users", there("d/e")}).code, 0);
  EXPECT_EQ(withoutTime(cairn({"ls", "-l", there("d")}).out),
            "-rw-------  12 ann users     1  TIME  b\n"
            "drwxr-xr-x   - ann users     -  TIME  e\n"
            "-rw-r--r--   1 ann users  5000  TIME  five\n");
  EXPECT_EQ(withoutTime(cairn({"ls", "-lh", there("d/five")}).out),
            "-rw-r--r--  1 ann users  4.9 KiB  TIME  " + there("d/five") + "\n");
  EXPECT_EQ(withoutTime(cairn({"ls", "-l", "-d", there("d")}).out),
            "drwxr-xr-x  - ann users  -  TIME  " + there("d") + "\n");
  EXPECT_EQ(all({"ls", "-d", there("d"), there("d/b")}),
            "0 " + there("d") + "\n" + there("d/b") + "\n|");
  EXPECT_EQ(all({"ls", "-ld", there("no")}), missing("ls", "no"));
}

TEST_F(ColumnsTest, LsNamesAlone) {
  have("d/b", "B");
  have("d/e/c", "C");
  EXPECT_EQ(all({"ls", "-C", there("d")}), "0 b\ne\n|");
  EXPECT_EQ(all({"ls", "-C", "-r", there("d")}), "0 e\nb\n|");
  EXPECT_EQ(all({"ls", "-C", there("d/b")}), "0 " + there("d/b") + "\n|");
  // Nothing above a name says where it is.
  EXPECT_EQ(all({"ls", "-C", "-R", there("d")}),
            "0 " + there("d/b") + "\n" + there("d/e") + "\n" + there("d/e/c") + "\n|");
  EXPECT_EQ(all({"ls", "--names", there("d"), there("d/e")}),
            "0 " + there("d/b") + "\n" + there("d/e") + "\n" + there("d/e/c") + "\n|");
  EXPECT_EQ(all({"ls", "-C", there("no")}), missing("ls", "no"));
  EXPECT_EQ(misuse({"ls", "-lC", there("d")}),
            "2 |cairn: ls: -C lists names alone: without -l and --json");
  EXPECT_EQ(misuse({"ls", "-C", "--json", there("d")}),
            "2 |cairn: ls: -C lists names alone: without -l and --json");
}

TEST_F(ColumnsTest, LsHidesWhatCannotBePrinted) {
  have("a\nb\x7f", "A");
  have("ü", "U");
  ASSERT_EQ(cairn({"mkdir", there("d\te")}).code, 0);
  EXPECT_EQ(all({"ls", there("")}), "0 a\nb\x7f\nd\te\nü\n|") << "bytes as they are";
  EXPECT_EQ(all({"ls", "-q", there("")}), "0 a?b?\nd?e\nü\n|");
  EXPECT_EQ(all({"ls", "-C", "--hide", there("")}), "0 a?b?\nd?e\nü\n|");
  EXPECT_NE(cairn({"ls", "-lq", there("")}).out.find("  a?b?\n"), std::string::npos);
  EXPECT_NE(cairn({"ls", "-qR", there("")}).out.find(there("d?e:\n")), std::string::npos);
  EXPECT_EQ(all({"ls", "-q", there("no")}), missing("ls", "no"));
  EXPECT_EQ(misuse({"ls", "-q", "--json", there("")}),
            "2 |cairn: ls: -q changes no name in --json");
}

TEST_F(ColumnsTest, DuTellsTheBytesOnDisk) {
  have("d/zeros", std::string(400'000, '0'));
  have("d/e/b", "B");
  const auto zeros = cairn({"stat", "--json", there("d/zeros")}).out;
  const auto stored = numberIn(zeros, "stored_length");
  EXPECT_LT(stored, 40'000U) << "it is compressed";
  EXPECT_EQ(format("%S", "d/zeros"), std::to_string(stored) + "\n");
  EXPECT_EQ(wordsOf(cairn({"du", there("d/zeros")}).out),
            (std::vector<std::string>{"400000", std::to_string(stored), there("d/zeros")}));
  EXPECT_EQ(numberIn(cairn({"du", "--json", there("d/zeros")}).out, "stored_length"), stored);
  const auto storedOfB = numberIn(cairn({"stat", "--json", there("d/e/b")}).out, "stored_length");
  EXPECT_EQ(wordsOf(cairn({"du", "-s", there("d")}).out),
            (std::vector<std::string>{"400001", std::to_string(stored + storedOfB), there("d")}));
  // All replicas, also those that are still wanted.
  ASSERT_EQ(cairn({"setrep", "3", there("d/zeros")}).code, 0);
  EXPECT_EQ(wordsOf(cairn({"du", there("d/zeros")}).out)[1], std::to_string(3 * stored));
}

TEST_F(ColumnsTest, DuHumanAndHeader) {
  have("d/five", std::string(5000, '0'));
  have("d/e/b", "B");
  const auto human = cairn({"du", "-h", there("d")}).out;
  EXPECT_NE(human.find("     4.9 KiB "), std::string::npos) << human;
  const auto headed = cairn({"du", "-v", there("d")});
  EXPECT_EQ(headed.code, 0);
  EXPECT_TRUE(
      headed.out.starts_with("        SIZE      ON_DISK  PATHNAME\n"
                             "           1 "))
      << headed.out;
  EXPECT_EQ(headed.out.find("PATHNAME"), headed.out.rfind("PATHNAME"));
  EXPECT_EQ(all({"du", "-v", there("no")}), missing("du", "no")) << "no header without lines";
  EXPECT_EQ(misuse({"du", "-v", "--json", there("d")}), "2 |cairn: du: --json has no header");
}

TEST_F(ColumnsTest, CountHumanHeaderAndQuotas) {
  have("d/five", std::string(5000, '0'));
  const std::string counts = "           1            1         5000 ";
  const std::string none = "        none             inf            none             inf ";
  const std::string quotaNames = "       QUOTA       REM_QUOTA     SPACE_QUOTA REM_SPACE_QUOTA ";
  const auto path = " " + there("d") + "\n";
  EXPECT_EQ(all({"count", there("d")}), "0 " + counts + path + "|");
  EXPECT_EQ(all({"count", "-h", there("d")}),
            "0            1            1      4.9 KiB " + path + "|");
  EXPECT_EQ(
      all({"count", "-v", there("d"), there("d")}),
      "0    DIR_COUNT   FILE_COUNT CONTENT_SIZE  PATHNAME\n" + counts + path + counts + path + "|");
  EXPECT_EQ(all({"count", "-q", there("d")}), "0 " + none + counts + path + "|");
  EXPECT_EQ(all({"count", "-q", "-v", "-h", there("d")}),
            "0 " + quotaNames + "   DIR_COUNT   FILE_COUNT CONTENT_SIZE  PATHNAME\n" + none +
                "           1            1      4.9 KiB " + path + "|");
  EXPECT_EQ(all({"count", "-u", "-v", there("d")}),
            "0 " + quotaNames + " PATHNAME\n" + none + path + "|");
  EXPECT_EQ(all({"count", "-qu", there("d")}), "0 " + none + path + "|");
  // The same columns as in Hadoop's grammar, the root's quota of names among them.
  const auto ours = cairn({"count", "-u", "/"});
  const auto hadoops = cairn({"fs", "-count", "-u", "/"});
  EXPECT_EQ(wordsOf(ours.out), wordsOf(hadoops.out));
  EXPECT_EQ(wordsOf(ours.out)[0], "9223372036854775807");
  EXPECT_EQ(all({"count", "-q", "-v", there("no")}), missing("count", "no"));
  for (const char* flag : {"-q", "-u", "-v"}) {
    EXPECT_EQ(misuse({"count", flag, "--json", there("d")}),
              "2 |cairn: count: --json has no header and no quotas");
  }
}

// Protects df from telling another space than the report.
TEST_F(ColumnsTest, DfAgreesWithTheReport) {
  have("a", std::string(100'000, 'a'));
  const auto report = cairn({"admin", "report", "--json"}).out;
  const auto json = cairn({"df", "--json"});
  EXPECT_EQ(json.code, 0);
  const auto capacity = numberIn(json.out, "capacity");
  EXPECT_GT(capacity, 0U);
  EXPECT_EQ(capacity, numberIn(report, "capacity"));
  EXPECT_GE(capacity, numberIn(json.out, "used") + numberIn(json.out, "remaining"));

  // The machine's disk fills and empties meanwhile; its size stays.
  const auto plain = cairn({"df"});
  EXPECT_EQ(plain.code, 0);
  const auto end = plain.out.find('\n');
  EXPECT_EQ(wordsOf(plain.out.substr(0, end)),
            (std::vector<std::string>{"Namenode", "Size", "Used", "Available", "Use%"}));
  const auto row = wordsOf(plain.out.substr(end));
  ASSERT_EQ(row.size(), 5U) << plain.out;
  EXPECT_EQ(row[0], mini_->namenode());
  EXPECT_EQ(row[1], std::to_string(capacity));
  EXPECT_LE(std::stoull(row[2]) + std::stoull(row[3]), capacity);
  EXPECT_TRUE(row[4].ends_with("%"));

  const auto hadoop = cairn({"fs", "-df"});
  EXPECT_EQ(hadoop.code, 0) << hadoop.err;
  const auto hadoopEnd = hadoop.out.find('\n');
  EXPECT_EQ(wordsOf(hadoop.out.substr(0, hadoopEnd)),
            (std::vector<std::string>{"Filesystem", "Size", "Used", "Available", "Use%"}));
  const auto hadoopRow = wordsOf(hadoop.out.substr(hadoopEnd));
  ASSERT_EQ(hadoopRow.size(), 5U) << hadoop.out;
  EXPECT_EQ(hadoopRow[0], "hdfs://" + mini_->namenode());
  EXPECT_EQ(hadoopRow[1], row[1]);

  const auto human = cairn({"df", "-h"});
  EXPECT_EQ(human.code, 0);
  EXPECT_TRUE(std::regex_search(human.out, std::regex(R"( \d+\.\d [KMGT]iB )"))) << human.out;
  EXPECT_EQ(misuse({"df", "/"}), "2 |cairn: df: '/' is too much");
}

}  // namespace
}  // namespace cairn::testkit
