// A datanode that dies (kill -9) while a file is written to three of four, in each phase of the
// write: while the pipeline is set up, in the middle of a chunk, when the chunk is sealed, between
// two chunks, at close. The writer sees none of it, and every byte is there afterwards.
//
// How a phase is reached: the datanode that is going to die is frozen (SIGSTOP) first, so that the
// write comes as far as it can without it and waits there; that it has come so far is seen at what
// lies unread at the frozen node's port, or at the replicas' files.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "cairn/client.h"
#include "common/base/fault.h"
#include "tests/testkit/daemons.h"
#include "tests/testkit/replica_files.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

constexpr std::size_t PACKET = 1 << 20;  // what the client sends at once
constexpr std::size_t CHUNK = 4 * PACKET;
constexpr std::size_t NODES = 4;
// More than the call that opens a writer takes, less than a packet.
constexpr std::uint64_t SURELY_DATA = 32 << 10;

Client connect(Daemons& cluster, bool shortCircuit = false) {
  ClientOptions options;
  options.namenode = cluster.addressOf("namenode");
  options.shortCircuit = shortCircuit;
  return Client::connect(std::move(options)).value();
}

// A file being written by a client of its own, and what was put into it.
class Writing {
public:
  Writing(Daemons& cluster, std::string path)
      : cluster_(cluster),
        path_(std::move(path)),
        client_(connect(cluster)),
        file_(client_.create(path_).value()) {}

  // Bytes that do not compress.
  void write(std::size_t bytes) {
    const auto more = sampleNoise(bytes, content_.size() + 1);
    content_ += more;
    ASSERT_OK(file_.write(more));
  }
  // REQUIRES: what was written are whole packets.
  void awaitAcknowledged() {
    ASSERT_TRUE(eventually([&]() { return file_.acknowledged() == content_.size(); }))
        << file_.acknowledged() << " of " << content_.size() << " are acknowledged";
  }
  // Of the last chunk, as the namenode has it on record.
  std::optional<ChunkLocation> lastChunk() {
    const auto chunks = client_.locations(path_);
    if (!chunks.has_value() || chunks->empty()) return std::nullopt;
    return chunks->back();
  }
  // Its datanodes in the pipeline's order. REQUIRES: it is being written.
  std::vector<std::string> pipeline() {
    std::vector<std::string> names;
    const auto chunk = lastChunk().value();
    for (const auto& replica : chunk.replicas) {
      names.push_back(cluster_.nameAt(replica.address));
    }
    return names;
  }
  std::future<Result<Entry>> beginClose() {
    return std::async(std::launch::async, [this]() { return file_.close(); });
  }

  const std::string& path() const { return path_; }
  const std::string& content() const { return content_; }
  OutputFile& file() { return file_; }
  Client& client() { return client_; }

private:
  Daemons& cluster_;
  const std::string path_;
  Client client_;
  OutputFile file_;
  std::string content_;
};

class WritePhases : public ::testing::Test {
protected:
  // Making a cluster takes a second; whoever a test kills is back before the next one.
  static void SetUpTestSuite() {
    cluster_ = new Daemons(
        {.datanodes = NODES, .jobs = false, .settings = "[fs]\nchunk_size = \"4MiB\"\n"});
  }
  static void TearDownTestSuite() { delete cluster_; }
  void TearDown() override {
    for (const auto& name : allNodes()) {
      if (!cluster().process(name).running()) cluster().start(name);
      cluster().process(name).thaw();
    }
    cluster().process("namenode").thaw();
    if (HasFailure()) ADD_FAILURE() << cluster().lastWords();
  }

  static Daemons& cluster() { return *cluster_; }
  static std::vector<std::string> allNodes() {
    std::vector<std::string> names;
    for (std::size_t i = 1; i <= NODES; ++i) names.push_back("datanode" + std::to_string(i));
    return names;
  }
  static Process& node(const std::string& name) { return cluster().process(name); }
  static std::string freshPath() {
    static int files = 0;
    return "/file" + std::to_string(++files);
  }

  // All bytes are there, for others, whichever way they read.
  static void expectContent(const Writing& written) {
    for (const bool shortCircuit : {false, true}) {
      auto reader = connect(cluster(), shortCircuit);
      const auto read = reader.readFile(written.path());
      ASSERT_OK(read);
      EXPECT_TRUE(*read == written.content())
          << read->size() << " bytes were read, " << written.content().size() << " written";
    }
  }
  // And the file is closed, its chunks have so many replicas at least, and none is missing;
  // also when who died is back, with what it has kept.
  static void expectWhole(Writing& written, const std::vector<std::size_t>& replicas) {
    ASSERT_VALUE(const auto entry, written.client().stat(written.path()));
    EXPECT_FALSE(entry.underConstruction);
    EXPECT_EQ(entry.length, written.content().size());
    ASSERT_VALUE(const auto chunks, written.client().locations(written.path()));
    ASSERT_EQ(chunks.size(), replicas.size());
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      EXPECT_TRUE(chunks[i].complete);
      EXPECT_GE(chunks[i].replicas.size(), replicas[i]) << "chunk " << i;
    }
    expectContent(written);
    for (const auto& name : allNodes()) {
      if (!node(name).running()) cluster().start(name);
    }
    expectContent(written);
    const auto fsck = cluster().cairn({"fsck", written.path()});
    EXPECT_EQ(fsck.code, 0) << fsck.out << fsck.err;
  }
  // Of these replicas none is at that node: what it has is a beginning only.
  static void expectNoReplica(const ChunkLocation& chunk, const std::string& name) {
    for (const auto& replica : chunk.replicas) EXPECT_NE(cluster().nameAt(replica.address), name);
  }

private:
  static Daemons* cluster_;
};
Daemons* WritePhases::cluster_ = nullptr;

// Which node of the pipeline dies: 0 is the one that the client talks to.
class WritePhasesOf : public WritePhases, public ::testing::WithParamInterface<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(First, WritePhasesOf, ::testing::Values(0));
INSTANTIATE_TEST_SUITE_P(Middle, WritePhasesOf, ::testing::Values(1));
INSTANTIATE_TEST_SUITE_P(Last, WritePhasesOf, ::testing::Values(2));

// Protects: a chunk of which nothing is acknowledged is begun anew, on a whole pipeline.
TEST_P(WritePhasesOf, DiesWhileThePipelineIsSetUp) {
  Writing file(cluster(), freshPath());
  for (const auto& name : allNodes()) node(name).freeze();
  file.write(PACKET + 1);
  ASSERT_TRUE(eventually([&]() { return file.lastChunk().has_value(); }));
  const auto victim = file.pipeline().at(GetParam());
  for (const auto& name : allNodes()) {
    if (name != victim) node(name).thaw();
  }
  ASSERT_TRUE(eventually([&]() { return unreadBytes(cluster().addressOf(victim)) > 0; }));
  EXPECT_EQ(file.file().acknowledged(), 0U);
  node(victim).kill();
  ASSERT_OK(file.file().close());
  expectNoReplica(file.lastChunk().value(), victim);
  expectWhole(file, {3});
}

// Protects: what a node had not acknowledged when it died is sent again; the others are cut to what
// all had, and go on.
TEST_P(WritePhasesOf, DiesInTheMiddleOfAChunk) {
  Writing file(cluster(), freshPath());
  file.write(PACKET);
  file.awaitAcknowledged();
  const auto victim = file.pipeline().at(GetParam());
  node(victim).freeze();
  file.write(2 * PACKET);
  ASSERT_TRUE(eventually([&]() { return unreadBytes(cluster().addressOf(victim)) > SURELY_DATA; }));
  EXPECT_EQ(file.file().acknowledged(), PACKET);
  node(victim).kill();
  file.write(2 * PACKET + 12'345);
  ASSERT_OK(file.file().close());
  ASSERT_VALUE(const auto chunks, file.client().locations(file.path()));
  expectNoReplica(chunks[0], victim);
  expectWhole(file, {2, 3});
}

// Protects: what was flushed stays readable while the writer goes on elsewhere, and a node takes
// the place of the one that died.
TEST_P(WritePhasesOf, DiesAfterAFlush) {
  Writing file(cluster(), freshPath());
  file.write(PACKET + 777);
  ASSERT_OK(file.file().hflush());
  const auto victim = file.pipeline().at(GetParam());
  node(victim).kill();
  expectContent(file);
  file.write(PACKET / 2);
  ASSERT_OK(file.file().hflush());
  expectContent(file);
  file.write(PACKET);
  ASSERT_OK(file.file().hsync());
  expectContent(file);
  ASSERT_OK(file.file().close());
  expectNoReplica(file.lastChunk().value(), victim);
  expectWhole(file, {3});
}

// Protects: the order to seal a chunk reaches those that are left; nothing is sent twice to a
// replica that is sealed already.
TEST_P(WritePhasesOf, DiesWhenItIsToSealTheChunk) {
  Writing file(cluster(), freshPath());
  file.write(3 * PACKET);
  file.awaitAcknowledged();
  const auto victim = file.pipeline().at(GetParam());
  node(victim).freeze();
  auto closing = file.beginClose();
  ASSERT_TRUE(eventually([&]() { return unreadBytes(cluster().addressOf(victim)) > 0; }));
  node(victim).kill();
  ASSERT_OK(closing.get());
  expectNoReplica(file.lastChunk().value(), victim);
  expectWhole(file, {2});
}

// Protects: a node that dies with its sealed replica, before the namenode knows, harms nothing.
TEST_P(WritePhasesOf, DiesBetweenSealingAndTheEndOfClose) {
  Writing file(cluster(), freshPath());
  file.write(2 * PACKET);
  file.awaitAcknowledged();
  const auto nodes = file.pipeline();
  const auto chunk = file.lastChunk().value().chunk;
  cluster().process("namenode").freeze();
  auto closing = file.beginClose();
  for (const auto& name : nodes) {
    ASSERT_TRUE(eventually(
        [&]() { return !replicaFiles(cluster().directoryOf(name), "final", chunk).empty(); }));
  }
  node(nodes.at(GetParam())).kill();
  cluster().process("namenode").thaw();
  ASSERT_OK(closing.get());
  expectWhole(file, {2});
}

// Protects: a chunk that is complete stays so, and the next one is put elsewhere.
TEST_P(WritePhasesOf, DiesBetweenTwoChunks) {
  Writing file(cluster(), freshPath());
  file.write(CHUNK - PACKET);
  file.awaitAcknowledged();
  const auto nodes = file.pipeline();
  const auto first = file.lastChunk().value().chunk;
  file.write(PACKET);
  for (const auto& name : nodes) {
    ASSERT_TRUE(eventually(
        [&]() { return !replicaFiles(cluster().directoryOf(name), "final", first).empty(); }));
  }
  ASSERT_EQ(file.lastChunk().value().chunk, first) << "the next chunk was begun without a byte";
  const auto& victim = nodes.at(GetParam());
  node(victim).kill();
  file.write(PACKET + 1);
  ASSERT_OK(file.file().close());
  expectNoReplica(file.lastChunk().value(), victim);
  expectWhole(file, {2, 3});
}

// Protects: a writer whose whole pipeline but one node dies goes on, with another one beside it.
TEST_F(WritePhases, TwoOfThreeDieAtOnce) {
  Writing file(cluster(), freshPath());
  file.write(PACKET);
  file.awaitAcknowledged();
  const auto nodes = file.pipeline();
  node(nodes[0]).freeze();
  file.write(2 * PACKET);
  ASSERT_TRUE(
      eventually([&]() { return unreadBytes(cluster().addressOf(nodes[0])) > SURELY_DATA; }));
  node(nodes[2]).kill();
  node(nodes[0]).kill();
  file.write(PACKET / 2);
  ASSERT_OK(file.file().close());
  for (const std::size_t dead : {0, 2}) expectNoReplica(file.lastChunk().value(), nodes[dead]);
  expectWhole(file, {2});
}

// Protects: datanodes that are restarted, all at once, find the writer waiting for them.
TEST_F(WritePhases, AllThreeDieAndComeBack) {
  Writing file(cluster(), freshPath());
  file.write(PACKET + 5);
  ASSERT_OK(file.file().hflush());
  const auto nodes = file.pipeline();
  for (const auto& name : nodes) node(name).kill();
  file.write(2 * PACKET);
  for (const auto& name : nodes) cluster().start(name);
  ASSERT_OK(file.file().close());
  expectWhole(file, {1});
}

// The datanode dies by itself at a named place of its own code: closer than a signal can aim.
class WriteCrash : public WritePhases, public ::testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Points, WriteCrash,
                         ::testing::Values("dn.write.before_append", "dn.write.after_append",
                                           "dn.forward.before_send", "dn.sync.before",
                                           "dn.finalize.before_sync", "dn.finalize.before_rename",
                                           "dn.finalize.after_rename", "dn.finalize.before_report"),
                         [](const auto& point) {
                           std::string name = point.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

// Protects: no step of a datanode's write leaves anything behind that others would take for more
// than it is.
TEST_P(WriteCrash, AtThisPoint) {
  const std::string victim = "datanode1";
  node(victim).kill();
  cluster().start(victim, true, {"CAIRN_FAULTS=" + std::string(GetParam()) + "=crash"});
  // Until one of them comes by there: not every pipeline has the node, not in every place.
  constexpr int FILES_MAX = 50;
  for (int i = 0; i < FILES_MAX; ++i) {
    Writing file(cluster(), freshPath());
    file.write(PACKET + 99);
    ASSERT_OK(file.file().hsync());
    file.write(CHUNK);
    ASSERT_OK(file.file().close());
    const bool died =
        eventually([&]() { return !node(victim).running(); }, std::chrono::milliseconds(500));
    if (!died) continue;
    EXPECT_EQ(node(victim).wait(), FAULT_CRASH_EXIT_CODE);
    return expectWhole(file, {2, 2});
  }
  FAIL() << "no write came by " << GetParam();
}

}  // namespace
}  // namespace cairn::testkit
