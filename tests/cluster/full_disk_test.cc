// Disks that are full, of one datanode, of all of them, of the namenode, and of who copies a file
// out: a clear error or none at all, nothing that was acknowledged is lost, and with the space
// everything is back.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cairn/client.h"
#include "tests/testkit/daemons.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

constexpr std::size_t PACKET = 1 << 20;  // what the client sends at once
constexpr std::size_t CHUNK = 4 * PACKET;
constexpr std::uint64_t DISK = 64 << 20;
const std::vector<std::string> NODES{"datanode1", "datanode2", "datanode3"};

class FullDisk : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    if (!SmallDisk::available()) return;
    // What was removed goes at once: a disk that is full has no room to make.
    cluster_ = new Daemons({.jobs = false,
                            .settings = "[fs]\nchunk_size = \"4MiB\"\n",
                            .datanodeSettings = "keep_removed_ms = 0\n",
                            .datanodeDiskBytes = DISK});
  }
  static void TearDownTestSuite() { delete cluster_; }
  void SetUp() override {
    if (cluster_ == nullptr) GTEST_SKIP() << "this system lets a test mount nothing";
  }
  void TearDown() override {
    if (cluster_ == nullptr) return;
    for (const auto& name : NODES) {
      if (!cluster().process(name).running()) cluster().start(name);
      cluster().diskOf(name).clear();
    }
    if (HasFailure()) ADD_FAILURE() << cluster().lastWords();
  }

  static Daemons& cluster() { return *cluster_; }
  static Client connect(bool shortCircuit = false) {
    ClientOptions options;
    options.namenode = cluster().addressOf("namenode");
    options.shortCircuit = shortCircuit;
    return Client::connect(std::move(options)).value();
  }
  static void fillAll(std::uint64_t left = 0) {
    for (const auto& name : NODES) cluster().diskOf(name).fill(left);
  }
  static void clearAll() {
    for (const auto& name : NODES) cluster().diskOf(name).clear();
  }
  static void expectContent(const std::string& path, const std::string& content) {
    for (const bool shortCircuit : {false, true}) {
      const auto read = connect(shortCircuit).readFile(path);
      ASSERT_OK(read);
      EXPECT_TRUE(*read == content) << path << ": " << read->size() << " bytes were read";
    }
  }
  // A file that is written from now on gets a replica on each datanode: as soon as they have told
  // that there is room.
  static void expectAllTakePart(const std::string& path) {
    auto client = connect();
    EXPECT_TRUE(eventually([&]() {
      if (!client.writeFile(path, "with room again", {.overwrite = true}).has_value()) return false;
      const auto chunks = client.locations(path);
      return chunks.has_value() && chunks->size() == 1 && chunks->front().replicas.size() == 3;
    }));
  }
  // As the system puts it, or with the figures: "0 bytes free, 4.0 MiB needed" of the namenode,
  // "no volume of this datanode has 4194304 bytes free" of a datanode.
  static void expectSaysFull(const std::string& message) {
    EXPECT_TRUE(message.find("space") != std::string::npos ||
                message.find(" free") != std::string::npos)
        << message;
  }

private:
  static Daemons* cluster_;
};
Daemons* FullDisk::cluster_ = nullptr;

// Protects: a datanode whose disk fills up under a writer costs the writer nothing.
TEST_F(FullDisk, OneInTheMiddleOfAChunk) {
  auto client = connect();
  for (std::size_t victim = 0; victim < NODES.size(); ++victim) {
    SCOPED_TRACE(victim);
    const auto path = "/middle" + std::to_string(victim);
    const auto content = sampleNoise(CHUNK + PACKET + 17, victim + 1);
    ASSERT_VALUE(auto file, client.create(path));
    ASSERT_OK(file.write(content.substr(0, PACKET)));
    ASSERT_OK(file.hflush());
    ASSERT_VALUE(const auto chunks, client.locations(path));
    const auto node = cluster().nameAt(chunks.back().replicas.at(victim).address);
    cluster().diskOf(node).fill(PACKET / 2);
    ASSERT_OK(file.write(content.substr(PACKET)));
    ASSERT_OK(file.close());
    expectContent(path, content);
    ASSERT_VALUE(const auto closed, client.locations(path));
    for (const auto& replica : closed.front().replicas) {
      EXPECT_NE(replica.address, cluster().addressOf(node));
    }
    cluster().diskOf(node).clear();
    expectAllTakePart("/again");
  }
}

// Protects: new files go where there is room, from the first byte on.
TEST_F(FullDisk, OneBeforeAPut) {
  cluster().diskOf("datanode2").fill();
  const auto content = sampleNoise(2 * CHUNK);
  writeFile(cluster().scratch() / "in", content);
  const auto put = cluster().cairn({"put", cluster().scratch() / "in", "/before"});
  EXPECT_EQ(put.code, 0) << put.err;
  expectContent("/before", content);
}

// Protects: a put that finds no room anywhere says so and leaves nothing; what was there is read
// and can be removed while the disks are full, which is how there is room again.
TEST_F(FullDisk, AllInAPut) {
  const auto kept = sampleNoise(CHUNK + 99, 7);
  auto client = connect();
  ASSERT_OK(client.writeFile("/kept", kept));
  ASSERT_OK(client.writeFile("/removed", sampleNoise(5 * CHUNK, 8)));
  writeFile(cluster().scratch() / "in", sampleNoise(DISK));
  const auto put = cluster().cairn({"put", cluster().scratch() / "in", "/large"});
  EXPECT_EQ(put.code, 1);
  expectSaysFull(put.err);
  EXPECT_NE(put.err.find("/large"), std::string::npos) << put.err;
  ASSERT_VALUE(const auto listed, client.listPage("/"));
  for (const auto& entry : listed.entries) EXPECT_FALSE(entry.name.starts_with("large"));
  fillAll();
  expectContent("/kept", kept);
  const auto refused = cluster().cairn({"put", cluster().scratch() / "in", "/large"});
  EXPECT_EQ(refused.code, 1);
  expectSaysFull(refused.err);
  EXPECT_TRUE(client.remove("/removed").value_or(false));
  expectAllTakePart("/again");
  expectContent("/kept", kept);
}

// Protects: what a writer has flushed outlives the full disks that stopped it.
TEST_F(FullDisk, AllInTheMiddleOfAChunk) {
  auto client = connect();
  const auto content = sampleNoise(2 * CHUNK);
  ASSERT_VALUE(auto file, client.create("/flushed"));
  ASSERT_OK(file.write(content.substr(0, PACKET + 5)));
  ASSERT_OK(file.hflush());
  fillAll(PACKET / 2);
  // The error may show itself at either.
  const auto written = file.write(content.substr(PACKET + 5));
  const auto closed = file.close();
  ASSERT_FALSE(closed.has_value());
  EXPECT_CODE(Code::DISK_FULL, closed);
  expectSaysFull(messageOf(closed));
  auto read = client.readFile("/flushed");
  ASSERT_OK(read);
  EXPECT_GE(read->size(), PACKET + 5);
  EXPECT_TRUE(content.starts_with(*read));
  clearAll();
  EXPECT_TRUE(eventually([&]() { return client.recoverLease("/flushed").value_or(false); }));
  read = client.readFile("/flushed");
  ASSERT_OK(read);
  EXPECT_GE(read->size(), PACKET + 5);
  EXPECT_TRUE(content.starts_with(*read));
  expectAllTakePart("/again");
}

// Protects: a closed file is not harmed by an append that finds no room.
TEST_F(FullDisk, AllInAnAppend) {
  auto client = connect();
  const auto before = sampleNoise(CHUNK + PACKET, 3);
  ASSERT_OK(client.writeFile("/appended", before));
  fillAll();
  auto file = client.append("/appended");
  if (file.has_value()) {
    (void)file->write(sampleNoise(PACKET, 4));
    EXPECT_FALSE(file->close().has_value());
  }
  expectContent("/appended", before);
  clearAll();
  EXPECT_TRUE(eventually([&]() { return client.recoverLease("/appended").value_or(false); }));
  expectContent("/appended", before);
  std::optional<OutputFile> again;
  EXPECT_TRUE(eventually([&]() {
    auto opened = client.append("/appended");
    if (opened.has_value()) again.emplace(std::move(*opened));
    return again.has_value();
  }));
  ASSERT_TRUE(again.has_value());
  ASSERT_OK(again->write("and more"));
  ASSERT_OK(again->close());
  expectContent("/appended", before + "and more");
}

// Protects: a datanode starts and serves without a free byte.
TEST_F(FullDisk, AllInARestart) {
  const auto content = sampleText(CHUNK + 1);
  auto client = connect();
  ASSERT_OK(client.writeFile("/served", content));
  fillAll();
  for (const auto& name : NODES) {
    cluster().kill(name);
    cluster().start(name);
  }
  expectContent("/served", content);
  clearAll();
  expectAllTakePart("/again");
}

// Protects: a get onto a full disk names it, and leaves no half file.
TEST_F(FullDisk, OfWhoCopiesOut) {
  ASSERT_OK(connect().writeFile("/large", sampleNoise(2 * CHUNK)));
  SmallDisk local(cluster().scratch() / "local", CHUNK);
  for (const std::string circuit : {"true", "false"}) {
    const auto get = cluster().cairn({"get", "/large", local.path() + "/out"},
                                     {"CAIRN_CLIENT_SHORT_CIRCUIT=" + circuit});
    EXPECT_EQ(get.code, 1);
    expectSaysFull(get.err);
    EXPECT_NE(get.err.find(local.path() + "/out"), std::string::npos) << get.err;
    EXPECT_TRUE(std::filesystem::is_empty(local.path()));
  }
}

// Protects reads from a namenode's disk that fills up: it takes no more changes while it can still
// write, serves on, also when the disk is full to the last byte, and takes changes again by itself
// when there is room. It does not start on such a disk, and says so.
TEST(FullNamenodeDisk, ItGoesOnServing) {
  if (!SmallDisk::available()) GTEST_SKIP() << "this system lets a test mount nothing";
  Daemons cluster({.datanodes = 1,
                   .jobs = false,
                   .settings = {},
                   .namenodeSettings = "reserved = \"32MiB\"\n",
                   .namenodeDiskBytes = 128 << 20});
  ClientOptions options;
  options.namenode = cluster.addressOf("namenode");
  options.retryBudgetMs = 500;
  auto client = Client::connect(std::move(options)).value();
  const auto content = sampleText(100'000);
  ASSERT_OK(client.writeFile("/kept", content));
  std::size_t acknowledged = 0;
  const auto nameOf = [](std::size_t i) { return "/made" + std::to_string(i); };
  const auto untilRefused = [&]() {
    cluster.diskOf("namenode").fill(16 << 20);
    auto refused = client.mkdirs(nameOf(acknowledged));
    EXPECT_TRUE(eventually([&]() {
      if (!refused.has_value()) return true;
      refused = client.mkdirs(nameOf(++acknowledged));
      return false;
    }));
    EXPECT_CODE(Code::SAFE_MODE, refused);
    EXPECT_NE(messageOf(refused).find("namenode.reserved"), std::string::npos)
        << messageOf(refused);
    EXPECT_TRUE(client.readFile("/kept").value_or("") == content);
  };
  untilRefused();
  cluster.diskOf("namenode").clear();
  EXPECT_TRUE(eventually([&]() { return client.mkdirs("/room").has_value(); }));
  untilRefused();
  cluster.diskOf("namenode").fill();
  EXPECT_TRUE(client.readFile("/kept").value_or("") == content);
  EXPECT_CODE(Code::SAFE_MODE, client.mkdirs("/refused"));
  EXPECT_TRUE(cluster.process("namenode").running());
  cluster.kill("namenode");
  cluster.start("namenode", false);
  EXPECT_EQ(cluster.process("namenode").wait(), 1);
  const auto errors = cluster.process("namenode").errors();
  EXPECT_NE(errors.find("make room"), std::string::npos) << errors;
  EXPECT_NE(errors.find(cluster.directoryOf("namenode")), std::string::npos) << errors;
  cluster.diskOf("namenode").clear();
  cluster.start("namenode");
  EXPECT_TRUE(client.readFile("/kept").value_or("") == content);
  for (std::size_t i = 0; i < acknowledged; ++i) EXPECT_OK(client.stat(nameOf(i)));
  EXPECT_OK(client.mkdirs("/after"));
}

// Protects every acknowledged change from a disk on which the next one does not fit, where an
// operator has set no limit: the namenode stops and says why, whether it ran or is just starting;
// with the space all of it is back.
TEST(FullNamenodeDisk, WithoutALimitItStopsAndLosesNothing) {
  if (!SmallDisk::available()) GTEST_SKIP() << "this system lets a test mount nothing";
  Daemons cluster({.datanodes = 1,
                   .jobs = false,
                   .settings = {},
                   .namenodeSettings = "reserved = \"0\"\n",
                   .namenodeDiskBytes = 128 << 20});
  ClientOptions options;
  options.namenode = cluster.addressOf("namenode");
  options.retryBudgetMs = 500;
  auto client = Client::connect(std::move(options)).value();
  cluster.diskOf("namenode").fill();
  const std::string longName(200, 'n');
  constexpr std::size_t CHANGES_MAX = 100'000;
  std::size_t acknowledged = 0;
  const auto changeUntilRefused = [&]() {
    while (acknowledged < CHANGES_MAX &&
           client.mkdirs("/" + longName + std::to_string(acknowledged)).has_value()) {
      ++acknowledged;
    }
    ASSERT_LT(acknowledged, CHANGES_MAX) << "the disk is not full";
  };
  changeUntilRefused();
  EXPECT_EQ(cluster.process("namenode").wait(), 1);
  const auto errors = cluster.process("namenode").errors();
  EXPECT_NE(errors.find(cluster.directoryOf("namenode")), std::string::npos) << errors;
  EXPECT_NE(errors.find("No space left on device"), std::string::npos) << errors;

  // It may find a little room in what it has, and take a few more.
  cluster.start("namenode", false);
  if (cluster.process("namenode").awaitLine("ready ").has_value()) changeUntilRefused();
  cluster.kill("namenode");

  cluster.diskOf("namenode").clear();
  cluster.start("namenode");
  EXPECT_GT(acknowledged, 0U);
  for (std::size_t i = 0; i < acknowledged; ++i) {
    ASSERT_OK(client.stat("/" + longName + std::to_string(i)));
  }
  EXPECT_OK(client.mkdirs("/after"));
}

}  // namespace
}  // namespace cairn::testkit
