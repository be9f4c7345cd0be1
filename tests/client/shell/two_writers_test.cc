// Protects: two writers of one file: the second is refused, in both grammars, and told why; the
// first goes on, and everything it wrote is there. Who replaces a file takes it from its writer.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <regex>

#include "tests/client/shell/shell_test.h"

namespace cairn::testkit {
namespace {

class TwoWritersTest : public ShellTest {
protected:
  // 'cairn append' of a pipe to "f", which holds "one\n"; it has the file open.
  void beginWriter(std::ofstream& to) {
    have("f", "one\n");
    writeFile(here("second"), "second\n");
    ASSERT_EQ(::mkfifo(here("pipe").c_str(), 0600), 0);
    writer_ = mini_->begin({"append", here("pipe"), there("f")}, remote_.substr(1));
    to.open(here("pipe"), std::ios::binary);
    to << "two\n" << std::flush;
    ASSERT_TRUE(eventually([&]() {
      return cairn({"stat", there("f")}).out.find("being written") != std::string::npos;
    }));
  }

  std::unique_ptr<Process> writer_;
};

TEST_F(TwoWritersTest, TheSecondToAppendIsRefused) {
  std::ofstream to;
  ASSERT_NO_FATAL_FAILURE(beginWriter(to));
  EXPECT_EQ(all({"append", here("second"), there("f")}),
            "1 |cairn: append: " + there("f") +
                ": another client writes it ('cairn admin recover-lease' takes it from a dead "
                "one)\n");
  // As Hadoop says it, with the names that clients have here.
  const auto hadoops = cairn({"fs", "-appendToFile", here("second"), there("f")});
  EXPECT_EQ(hadoops.code, 1);
  EXPECT_EQ(hadoops.out, "");
  EXPECT_TRUE(std::regex_match(
      hadoops.err, std::regex("appendToFile: Failed to APPEND_FILE " + there("f") +
                              " for [0-9a-f]+ because this file lease is currently owned by "
                              "[0-9a-f]+\n")))
      << hadoops.err;
  EXPECT_EQ(all({"truncate", "-s", "0", there("f")}),
            "1 |cairn: truncate: " + there("f") +
                ": another client writes it ('cairn admin recover-lease' takes it from a dead "
                "one)\n");
  to << "three\n";
  to.close();
  EXPECT_EQ(writer_->wait(), 0) << writer_->errors();
  EXPECT_EQ(cairn({"cat", there("f")}).out, "one\ntwo\nthree\n");
  EXPECT_EQ(all({"append", here("second"), there("f")}), "0 |") << "the first has closed it";
  EXPECT_EQ(all({"fs", "-appendToFile", here("second"), there("f")}), "0 |");
  EXPECT_EQ(cairn({"cat", there("f")}).out, "one\ntwo\nthree\nsecond\nsecond\n");
}

TEST_F(TwoWritersTest, WhoReplacesTheFileTakesItFromItsWriter) {
  std::ofstream to;
  ASSERT_NO_FATAL_FAILURE(beginWriter(to));
  EXPECT_EQ(all({"put", here("second"), there("f")}),
            "1 |cairn: put: " + there("f") + ": file exists\n");
  EXPECT_EQ(all({"put", "-f", here("second"), there("f")}), "0 |");
  to << "three\n";
  to.close();
  EXPECT_EQ(writer_->wait(), 1);
  EXPECT_EQ(writer_->errors(), "cairn: append: " + there("f") + ": " + there("f") +
                                   " was removed or replaced while it was written\n");
  EXPECT_EQ(cairn({"cat", there("f")}).out, "second\n");
}

}  // namespace
}  // namespace cairn::testkit
