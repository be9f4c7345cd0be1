// A namenode that starts on a directory that is not what it was: without its log, or as it was some
// time ago. It never serves one file's bytes for another's, and never has newer data destroyed.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "cairn/client.h"
#include "tests/testkit/daemons.h"
#include "tests/testkit/replica_files.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

namespace fs = std::filesystem;

class OlderDirectory : public ::testing::Test {
protected:
  void TearDown() override {
    if (HasFailure()) ADD_FAILURE() << cluster_.lastWords();
  }
  Client connect() {
    ClientOptions options;
    options.namenode = cluster_.addressOf("namenode");
    options.retryBudgetMs = 500;
    options.shortCircuit = false;
    return Client::connect(std::move(options)).value();
  }
  std::string directory() const { return cluster_.directoryOf("namenode"); }
  std::string aside() const { return cluster_.scratch() / "aside"; }
  void copyAside() {
    fs::remove_all(aside());
    fs::copy(directory(), aside(), fs::copy_options::recursive);
  }
  void putBack() {
    fs::remove_all(directory());
    fs::rename(aside(), directory());
  }
  std::size_t finals() const {
    std::size_t count = 0;
    for (const char* node : {"datanode1", "datanode2"}) {
      for (const auto& file :
           fs::recursive_directory_iterator(cluster_.directoryOf(node) + "/final")) {
        if (file.is_regular_file()) ++count;
      }
    }
    return count;
  }
  std::string safeModeText() {
    const auto state = connect().safeMode();
    return state.has_value() ? state->text : messageOf(state);
  }
  // Several times, so that every replica is read from.
  void expectContent(const std::string& path, const std::string& content) {
    auto client = connect();
    for (int i = 0; i < 8; ++i) {
      const auto read = client.readFile(path);
      ASSERT_OK(read);
      ASSERT_TRUE(*read == content) << path;
    }
  }
  // The directory is an older one by now.
  void expectNothingHappens(const std::string& before) {
    EXPECT_TRUE(eventually([&]() { return safeModeText().find("older") != std::string::npos; }))
        << safeModeText();
    const auto all = finals();
    const auto put = cluster_.cairn({"put", cluster_.scratch() / "in", "/refused"});
    EXPECT_EQ(put.code, 1);
    EXPECT_NE(put.err.find("safe mode"), std::string::npos) << put.err;
    EXPECT_TRUE(eventually([&]() { return connect().readFile("/before").has_value(); }));
    expectContent("/before", before);
    const auto left = cluster_.cairn({"admin", "safemode", "leave"});
    EXPECT_EQ(left.code, 1);
    EXPECT_NE(left.err.find("--force"), std::string::npos) << left.err;
    EXPECT_EQ(finals(), all);
  }

  Daemons cluster_{{.datanodes = 2, .jobs = false, .settings = "[fs]\nreplication = 2\n"}};
};

// Protects every file from an empty namespace in its place: what the log held is not forgotten.
TEST_F(OlderDirectory, ALostLogIsNotAnEmptyOne) {
  const auto content = sampleText(100'000);
  ASSERT_OK(connect().writeFile("/before", content));
  EXPECT_EQ(cluster_.stop("namenode"), 0);
  fs::rename(directory() + "/log", aside());
  cluster_.start("namenode", false);
  EXPECT_EQ(cluster_.process("namenode").wait(), 1);
  const auto said = cluster_.process("namenode").errors();
  EXPECT_NE(said.find(directory() + "/log"), std::string::npos) << said;
  EXPECT_NE(said.find("Put it back"), std::string::npos) << said;
  // An empty one in its place is no better.
  fs::create_directory(directory() + "/log");
  cluster_.start("namenode", false);
  EXPECT_EQ(cluster_.process("namenode").wait(), 1);
  fs::remove_all(directory() + "/log");
  fs::rename(aside(), directory() + "/log");
  cluster_.start("namenode");
  expectContent("/before", content);
  EXPECT_OK(connect().mkdirs("/after"));
}

// Protects readers from another file's bytes, and newer data from being destroyed, when a backup is
// put back: nothing is changed until an operator says so, and then no id is used again.
TEST_F(OlderDirectory, ABackupThatWasPutBackChangesNothing) {
  const auto before = sampleText(50'000);
  ASSERT_OK(connect().writeFile("/before", before));
  EXPECT_EQ(cluster_.stop("namenode"), 0);
  copyAside();
  cluster_.start("namenode");
  const auto lost = sampleNoise(50'000, 1);
  writeFile(cluster_.scratch() / "in", lost);
  for (int i = 0; i < 4; ++i) {
    ASSERT_OK(connect().writeFile("/lost" + std::to_string(i), lost));
  }
  EXPECT_EQ(cluster_.stop("namenode"), 0);
  putBack();
  cluster_.start("namenode");
  expectNothingHappens(before);
  // The datanodes remember, too.
  for (const std::string name : {"datanode1", "datanode2"}) {
    cluster_.kill(name);
    cluster_.start(name, false);
  }
  cluster_.kill("namenode");
  cluster_.start("namenode");
  expectNothingHappens(before);

  const auto forced = cluster_.cairn({"admin", "safemode", "leave", "--force"});
  EXPECT_EQ(forced.code, 0) << forced.err;
  const auto fresh = sampleNoise(50'000, 2);
  EXPECT_TRUE(eventually(
      [&]() { return connect().writeFile("/fresh0", fresh, {.overwrite = true}).has_value(); }));
  for (int i = 1; i < 4; ++i) {
    ASSERT_OK(connect().writeFile("/fresh" + std::to_string(i), fresh));
  }
  for (int i = 0; i < 4; ++i) expectContent("/fresh" + std::to_string(i), fresh);
  expectContent("/before", before);
}

// The same for a copy that was taken while the namenode ran: the ids of what came later lie in the
// batches that the copy had reserved, and would be taken for those of removed files.
TEST_F(OlderDirectory, ACopyOfARunningNamenodeDestroysNothing) {
  const auto before = sampleText(50'000);
  ASSERT_OK(connect().writeFile("/before", before));
  copyAside();
  const auto newer = sampleNoise(50'000, 1);
  writeFile(cluster_.scratch() / "in", newer);
  for (int i = 0; i < 4; ++i) {
    ASSERT_OK(connect().writeFile("/newer" + std::to_string(i), newer));
  }
  // Datanodes hear of it with a heartbeat.
  EXPECT_TRUE(eventually([&]() { return finals() == 10; }));
  ASSERT_OK(connect().writeFile("/newer4", newer));
  EXPECT_EQ(cluster_.stop("namenode"), 0);
  fs::rename(directory(), cluster_.scratch() / "newest");
  fs::rename(aside(), directory());
  cluster_.start("namenode");
  expectNothingHappens(before);
  cluster_.kill("namenode");
  fs::remove_all(directory());
  fs::rename(cluster_.scratch() / "newest", directory());
  cluster_.start("namenode");
  EXPECT_TRUE(eventually([&]() { return connect().mkdirs("/after").has_value(); }))
      << safeModeText();
  for (int i = 0; i < 5; ++i) expectContent("/newer" + std::to_string(i), newer);
}

}  // namespace
}  // namespace cairn::testkit
