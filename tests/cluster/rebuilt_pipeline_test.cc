// A pipeline that lost its first node, and then its writer too, before anything went through the
// one that was built in its place: what readers had read is in the file when others have closed it,
// on each of its datanodes.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cairn/client.h"
#include "common/base/fault.h"
#include "tests/testkit/daemons.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

constexpr std::size_t FLUSHED = (1 << 20) + 777;
// Far more than is written before the test has seen the first of it.
constexpr std::size_t MORE = 160 << 20;
constexpr std::size_t NODES = 4;  // so that there is one for a node that died

class RebuiltPipeline : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    cluster_ = new Daemons(
        {.datanodes = NODES, .jobs = false, .settings = "[fs]\nchunk_size = \"512MiB\"\n"});
  }
  static void TearDownTestSuite() { delete cluster_; }
  void TearDown() override {
    startDatanodes();
    if (HasFailure()) ADD_FAILURE() << cluster().lastWords();
  }

  static Daemons& cluster() { return *cluster_; }
  static void startDatanodes() {
    for (std::size_t i = 1; i <= NODES; ++i) {
      const auto name = "datanode" + std::to_string(i);
      if (!cluster().process(name).running()) cluster().start(name);
    }
  }
  static Client connect() {
    ClientOptions options;
    options.namenode = cluster().addressOf("namenode");
    options.shortCircuit = false;
    return Client::connect(std::move(options)).value();
  }
  // Of the file's only chunk.
  static std::optional<ChunkLocation> chunkOf(Client& client, const std::string& path) {
    auto chunks = client.locations(path);
    if (!chunks.has_value() || chunks->size() != 1) return std::nullopt;
    return std::move(chunks->front());
  }
  static std::vector<std::string> namesOf(const ChunkLocation& chunk) {
    std::vector<std::string> names;
    for (const auto& replica : chunk.replicas) names.push_back(cluster().nameAt(replica.address));
    return names;
  }
  // Reads on until nothing comes any more: those that still get something are few packets behind.
  static void readOn(InputFile& file, std::string& seen) {
    for (std::size_t before = SIZE_MAX; before != seen.size();) {
      before = seen.size();
      ASSERT_OK(file.refresh());
      while (true) {
        ASSERT_VALUE(const auto view, file.readView());
        if (view.empty()) break;
        seen.append(reinterpret_cast<const char*>(view.data()), view.size());
      }
    }
  }

  // `faults`: of the writer, "" for none. `end`: makes sure that the writer is dead, once the
  // namenode has the new pipeline on record or soon will; it gets the old one.
  template <typename End>
  static void testWith(const std::string& path, const std::string& faults, End end) {
    std::vector<std::string> environment;
    if (!faults.empty()) environment.push_back("CAIRN_FAULTS=" + faults);
    Process writer({.command = {DOOMED_WRITER, cluster().addressOf("namenode"), path, "create",
                                "hflush", std::to_string(FLUSHED), std::to_string(MORE)},
                    .environment = environment,
                    .directory = cluster().scratch().path(),
                    .outputPath = cluster().scratch() / "writer.out",
                    .errorPath = cluster().scratch() / "writer.err"});
    ASSERT_TRUE(writer.awaitLine("flushed").has_value()) << writer.errors();
    auto client = connect();
    ASSERT_VALUE(auto file, client.open(path));
    ASSERT_TRUE(eventually([&]() { return file.refresh().value_or(0) > FLUSHED; }));
    const auto before = chunkOf(client, path);
    ASSERT_TRUE(before.has_value());
    const auto nodes = namesOf(*before);
    ASSERT_EQ(nodes.size(), 3U);
    // It has passed on what it will not acknowledge any more.
    cluster().process(nodes.front()).freeze();
    std::string seen;
    readOn(file, seen);
    ASSERT_FALSE(writer.output().contains("waiting")) << "it has written everything";
    EXPECT_GT(seen.size(), FLUSHED);
    cluster().kill(nodes.front());
    end(writer, *before);

    EXPECT_TRUE(eventually([&]() { return client.recoverLease(path).value_or(false); }))
        << messageOf(client.recoverLease(path));
    const auto after = chunkOf(client, path);
    ASSERT_TRUE(after.has_value());
    ASSERT_VALUE(const auto content, client.readFile(path));
    EXPECT_GE(content.size(), seen.size());
    EXPECT_TRUE(content.starts_with(seen));
    EXPECT_TRUE(sampleNoise(FLUSHED + MORE).starts_with(content));
    const auto left = namesOf(*after);
    EXPECT_EQ(left.size(), 3U);
    EXPECT_EQ(std::ranges::count(left, nodes.front()), 0);
    startDatanodes();
    for (const auto& alone : left) {
      SCOPED_TRACE(alone);
      for (const auto& name : left) {
        if (name != alone) cluster().kill(name);
      }
      EXPECT_TRUE(connect().readFile(path).value_or("") == content);
      startDatanodes();
    }
    const auto fsck = cluster().cairn({"fsck", path});
    EXPECT_EQ(fsck.code, 0) << fsck.out << fsck.err;
  }

private:
  static Daemons* cluster_;
};
Daemons* RebuiltPipeline::cluster_ = nullptr;

// Protects: bytes that were read, and whose writer had no word of them, from a node that took the
// place of another with only what the writer knew of.
TEST_F(RebuiltPipeline, TheWriterDiesBeforeItSendsAnything) {
  testWith("/nothing_sent", "client.chunk.after_update=crash", [](Process& writer, const auto&) {
    EXPECT_EQ(writer.wait(), FAULT_CRASH_EXIT_CODE) << writer.errors();
  });
}

// Protects: the same, from whatever state the new pipeline is in.
TEST_F(RebuiltPipeline, TheWriterIsKilledWhileItSendsAgain) {
  testWith("/something_sent", "", [](Process& writer, const ChunkLocation& before) {
    auto client = connect();
    EXPECT_TRUE(eventually([&]() {
      const auto chunk = chunkOf(client, "/something_sent");
      return chunk && chunk->generation != before.generation;
    }));
    writer.kill();
  });
}

}  // namespace
}  // namespace cairn::testkit
