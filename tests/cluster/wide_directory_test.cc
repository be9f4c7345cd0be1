// Ten thousand files in one directory, through the shell and the library: many pages of the
// namenode, many small files of the datanode.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "cairn/client.h"
#include "tests/testkit/mini.h"
#include "tests/testkit/results.h"

namespace cairn::testkit {
namespace {

constexpr int FILES = 10'000;
// Every so many files hold bytes; the others are empty, which is most of what such directories
// hold.
constexpr int BYTES_IN_EVERY = 20;
// For a command on all of them on a loaded machine; what takes longer hangs.
constexpr std::chrono::seconds PATIENCE_WITH_ALL{180};

// Names of several lengths, whose order is not that of the numbers.
std::string nameOf(int number) { return "file " + std::to_string(number * 7919 % 100'003); }
std::string contentOf(int number) {
  return number % BYTES_IN_EVERY == 0 ? "content of " + std::to_string(number) : "";
}

std::vector<std::string> linesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

class WideDirectoryTest : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    mini_ = new Mini({"--datanodes", "1"});
    ASSERT_TRUE(mini_->serving());
    std::filesystem::create_directory(local("wide"));
    for (int i = 0; i < FILES; ++i) {
      names().push_back(nameOf(i));
      bytes_ += contentOf(i).size();
      writeFile(local("wide/" + nameOf(i)), contentOf(i));
    }
    std::ranges::sort(names());
    ASSERT_EQ(std::ranges::adjacent_find(names()), names().end());
    const auto put = withAll({"put", "-r", "-t", "8", local("wide"), "/wide"});
    ASSERT_EQ(put.code, 0) << put.err;
  }
  static void TearDownTestSuite() {
    const auto removed = withAll({"rm", "-r", "--skip-trash", "/wide"});
    EXPECT_EQ(removed.code, 0) << removed.err;
    EXPECT_EQ(withAll({"ls", "/wide"}).code, 1);
    EXPECT_TRUE(eventually([]() {
      const auto counted = withAll({"count", "/"});
      std::istringstream fields(counted.out);
      int directories = 0;
      int files = -1;
      fields >> directories >> files;
      return files == 0;
    }));
    EXPECT_EQ(mini_->stop(), 0) << mini_->process().errors();
    delete mini_;
  }

  static Outcome withAll(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), cairnBinary());
    return run(std::move(arguments),
               {"CAIRN_NAMENODE=" + mini_->namenode(),
                "CAIRN_CONFIG=" + (mini_->scratch() / "cairn.toml")},
               PATIENCE_WITH_ALL);
  }
  static std::string local(const std::string& name) { return mini_->scratch() / name; }
  // All of them, in the order of a listing.
  static std::vector<std::string>& names() {
    static std::vector<std::string> all;
    return all;
  }

  static Mini* mini_;
  static std::uint64_t bytes_;  // of all files
};

Mini* WideDirectoryTest::mini_ = nullptr;
std::uint64_t WideDirectoryTest::bytes_ = 0;

// Protects: a listing of many pages has every name, once, in order.
TEST_F(WideDirectoryTest, IsListed) {
  const auto listed = withAll({"ls", "/wide"});
  EXPECT_EQ(listed.code, 0) << listed.err;
  EXPECT_TRUE(linesOf(listed.out) == names());

  const auto hadoop = withAll({"fs", "-ls", "/wide"});
  EXPECT_EQ(hadoop.code, 0) << hadoop.err;
  auto lines = linesOf(hadoop.out);
  ASSERT_EQ(lines.size(), names().size() + 1);
  EXPECT_EQ(lines[0], "Found " + std::to_string(FILES) + " items");
  for (std::size_t i = 0; i < names().size(); ++i) {
    ASSERT_TRUE(lines[i + 1].ends_with(" /wide/" + names()[i])) << lines[i + 1];
  }
}

// Protects: the library's iterator, with pages of every kind: the namenode's own, those that end
// with the directory's last entry and those that do not, and more than the namenode gives.
TEST_F(WideDirectoryTest, IsWalkedByIterator) {
  ASSERT_VALUE(auto client, Client::connect({.namenode = mini_->namenode()}));
  for (const std::uint32_t page : {0U, 1000U, 999U, 1001U, 2500U, 3U, 50'000U}) {
    SCOPED_TRACE(page);
    auto listing = client.list("/wide", page);
    std::vector<std::string> walked;
    while (true) {
      ASSERT_VALUE(const auto entry, listing.next());
      if (!entry) break;
      walked.push_back(entry->name);
    }
    EXPECT_TRUE(walked == names()) << walked.size();
    ASSERT_VALUE(const auto behind, listing.next());
    EXPECT_FALSE(behind.has_value());
  }
}

// Protects: sums over a directory count each file once.
TEST_F(WideDirectoryTest, IsSummedUp) {
  const auto counted = withAll({"count", "/wide"});
  std::istringstream counts(counted.out);
  std::uint64_t directories = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  counts >> directories >> files >> bytes;
  EXPECT_EQ(directories, 1U) << counted.out << counted.err;
  EXPECT_EQ(files, static_cast<std::uint64_t>(FILES));
  EXPECT_EQ(bytes, bytes_);

  const auto used = withAll({"du", "-s", "/wide"});
  std::istringstream sums(used.out);
  bytes = 0;
  sums >> bytes;
  EXPECT_EQ(bytes, bytes_) << used.out << used.err;

  const auto checked = withAll({"fsck", "/wide"});
  EXPECT_EQ(checked.code, 0) << checked.err;
  EXPECT_NE(checked.out.find("HEALTHY"), std::string::npos) << checked.out;
  std::uint64_t filesChecked = 0;
  for (const auto& line : linesOf(checked.out)) {
    if (const auto at = line.find("files:"); at != std::string::npos) {
      filesChecked = std::stoull(line.substr(at + 6));
    }
  }
  EXPECT_EQ(filesChecked, static_cast<std::uint64_t>(FILES)) << checked.out;
}

// Protects: all of it comes back, and nothing else.
TEST_F(WideDirectoryTest, ComesBack) {
  const auto got = withAll({"get", "-r", "-t", "8", "/wide", local("back")});
  ASSERT_EQ(got.code, 0) << got.err;
  std::vector<std::string> there;
  for (const auto& entry : std::filesystem::directory_iterator(local("back"))) {
    there.push_back(entry.path().filename());
  }
  std::ranges::sort(there);
  EXPECT_TRUE(there == names()) << there.size();
  int wrong = 0;
  for (int i = 0; i < FILES; ++i) {
    if (readFile(local("back/" + nameOf(i))) != contentOf(i)) ++wrong;
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace cairn::testkit
