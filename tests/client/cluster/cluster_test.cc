// Protects the client against the namenode and datanodes it will meet: what is read is what was
// written, over sockets and by descriptor, whatever dies or rots meanwhile; what cannot be written
// is an error that names the node, and never a file that looks complete.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

#include "common/io/random.h"
#include "tests/client/cluster/real_cluster.h"
#include "tests/testkit/process.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"

namespace cairn::client {
namespace {

using testkit::eventually;
using testkit::sampleNoise;
using testkit::sampleText;

constexpr std::size_t FRAME = 128 << 10;
constexpr std::size_t CHUNK = 1 << 20;

std::span<std::byte> bytesOf(std::string& text) { return std::as_writable_bytes(std::span(text)); }

void flipByte(const std::string& path, std::uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const auto byte = static_cast<char>(file.get());
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x40));
}

// One cluster for the tests that break nothing: making and removing one takes seconds.
class OneCluster : public ::testing::Test {
protected:
  static void SetUpTestSuite() { shared_ = new RealCluster({}); }
  static void TearDownTestSuite() { delete shared_; }
  RealCluster& cluster = *shared_;

private:
  static RealCluster* shared_;
};
RealCluster* OneCluster::shared_ = nullptr;

// Protects the borders of frames, packets and chunks.
TEST_F(OneCluster, EverySizeComesBackBothWays) {
  auto local = cluster.connect();
  auto remote = cluster.connect(false);
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, FRAME - 1, FRAME, FRAME + 1, CHUNK - 1,
                           CHUNK, CHUNK + 1, 3 * CHUNK + 12'345}) {
    SCOPED_TRACE(size);
    const auto path = "/size " + std::to_string(size) + "\n\xc3\xa4";
    const auto contents = size % 2 == 0 ? sampleText(size, size) : sampleNoise(size, size);
    ASSERT_VALUE(auto entry, local.writeFile(path, contents));
    EXPECT_EQ(entry.length, size);
    EXPECT_FALSE(entry.underConstruction);
    ASSERT_VALUE(auto chunks, local.locations(path));
    EXPECT_EQ(chunks.size(), (size + CHUNK - 1) / CHUNK);
    for (const auto& chunk : chunks) EXPECT_EQ(chunk.replicas.size(), 3u);
    for (auto* client : {&local, &remote}) {
      ASSERT_VALUE(auto got, client->readFile(path));
      ASSERT_TRUE(got == contents) << "other bytes came back";
      ASSERT_VALUE(auto file, client->open(path));
      std::string inOrder;
      while (true) {
        ASSERT_VALUE(auto view, file.readView());
        if (view.empty()) break;
        inOrder.append(reinterpret_cast<const char*>(view.data()), view.size());
      }
      ASSERT_TRUE(inOrder == contents) << "other bytes came in order";
    }
  }
}

TEST_F(OneCluster, AnyRangeComesBackBothWays) {
  const auto contents = sampleText(3 * CHUNK) + sampleNoise(CHUNK + 77);
  auto local = cluster.connect();
  ASSERT_OK(local.writeFile("/ranges", contents));
  auto remote = cluster.connect(false);
  io::Random random(5);
  for (auto* client : {&local, &remote}) {
    ASSERT_VALUE(auto file, client->open("/ranges"));
    for (int i = 0; i < 100; ++i) {
      const auto offset = random.below(contents.size() + 10);
      std::string to(random.below(i % 10 == 0 ? 2 * CHUNK : 5000), '\1');
      ASSERT_VALUE(const auto got, file.pread(offset, bytesOf(to)));
      const auto expected =
          offset < contents.size() ? std::string_view(contents).substr(offset, to.size()) : "";
      ASSERT_EQ(got, expected.size());
      ASSERT_TRUE(std::string_view(to).substr(0, got) == expected) << "at " << offset;
    }
  }
}

// What a program that is interrupted in the middle of a put leaves: no bytes under the name, and
// nothing that keeps others from it for ever.
TEST_F(OneCluster, AWriterThatGoesAwayLeavesNoBytes) {
  {
    auto client = cluster.connect();
    auto file = client.create("/gone").value();
    ASSERT_OK(file.write(sampleNoise(CHUNK / 2)));
  }
  auto other = cluster.connect();
  ASSERT_VALUE(auto entry, other.stat("/gone"));
  EXPECT_TRUE(entry.underConstruction);
  EXPECT_EQ(entry.length, 0u);
  EXPECT_EQ(other.readFile("/gone").value(), "");
  EXPECT_TRUE(other.remove("/gone").value());
  ASSERT_OK(other.writeFile("/gone", "mine"));
  EXPECT_EQ(other.readFile("/gone").value(), "mine");
}

// An open descriptor serves without its datanode: so this is what shows that descriptors are used.
TEST(Cluster, AReplicaOnThisMachineIsReadByItsDescriptor) {
  RealCluster cluster({.datanodes = 1, .replication = 1});
  const auto contents = sampleText(CHUNK);
  auto local = cluster.connect();
  auto remote = cluster.connect(false, 0);
  ASSERT_OK(local.writeFile("/f", contents));
  std::string to(1000, '\1');
  ASSERT_VALUE(auto byDescriptor, local.open("/f"));
  ASSERT_VALUE(auto bySocket, remote.open("/f"));
  ASSERT_OK(byDescriptor.pread(0, bytesOf(to)));
  ASSERT_OK(bySocket.pread(0, bytesOf(to)));
  cluster.dropDead(1);
  ASSERT_OK(byDescriptor.pread(500'000, bytesOf(to)));
  EXPECT_TRUE(to == contents.substr(500'000, to.size()));
  EXPECT_CODE(Code::UNAVAILABLE, bySocket.pread(500'000, bytesOf(to)));
}

// Never served, by whichever way; the namenode learns of it.
TEST(Cluster, AFlippedByteIsNeverServed) {
  RealCluster cluster({});
  const auto contents = sampleText(4 * CHUNK + 100);
  auto local = cluster.connect();
  auto remote = cluster.connect(false);
  ASSERT_OK(local.writeFile("/local", contents));
  ASSERT_OK(local.writeFile("/remote", contents));
  // Two of three copies of everything rot.
  io::Random random(9);
  unsigned flipped = 0;
  for (unsigned node : {1u, 2u}) {
    for (const auto& path : cluster.replicasOn(node)) {
      flipByte(path, 64 + random.below(std::filesystem::file_size(path) - 1000));
      ++flipped;
    }
  }
  ASSERT_EQ(flipped, 20u);
  EXPECT_TRUE(local.readFile("/local").value() == contents) << "other bytes by descriptor";
  EXPECT_TRUE(remote.readFile("/remote").value() == contents) << "other bytes over sockets";
  EXPECT_TRUE(eventually([&]() {
    auto report = local.report();
    if (!report.has_value()) return false;
    std::uint64_t known = report->corruptReplicas;
    for (const auto& node : report->datanodes) known += node.quarantined;
    return known > 0;
  })) << "nobody told the namenode";
}

// Each copy is damaged, each in another frame: between them all bytes are there, however often
// somebody reads, and the operator can see it.
TEST(Cluster, CopiesDamagedInDifferentPlacesAreAFileStill) {
  RealCluster cluster({});
  const auto contents = sampleNoise(3 * FRAME);
  auto client = cluster.connect(false);
  ASSERT_OK(client.writeFile("/f", contents));
  for (unsigned node : {1u, 2u, 3u}) {
    for (const auto& path : cluster.replicasOn(node)) flipByte(path, (node - 1) * FRAME + 1000);
  }
  for (int i = 0; i < 20; ++i) {
    const auto got = cluster.connect(false).readFile("/f");
    ASSERT_OK(got);
    ASSERT_TRUE(*got == contents);
  }
  EXPECT_TRUE(eventually([&]() {
    const auto chunks = client.locations("/f");
    return chunks.has_value() && chunks->size() == 1 && chunks->front().replicas.size() >= 2;
  }));
}

TEST(Cluster, WhenEveryCopyIsDamagedTheErrorNamesThem) {
  RealCluster cluster({.datanodes = 2, .replication = 2});
  auto client = cluster.connect(false);
  ASSERT_OK(client.writeFile("/f", sampleText(FRAME)));
  for (unsigned node : {1u, 2u}) {
    for (const auto& path : cluster.replicasOn(node)) flipByte(path, 200);
  }
  auto got = client.readFile("/f");
  ASSERT_FALSE(got.has_value());
  for (unsigned node : {1u, 2u}) {
    EXPECT_NE(got.error().message().find(cluster.addressOf(node)), std::string::npos)
        << got.error().toString();
  }
}

TEST(Cluster, DeadDatanodesAreReadAround) {
  RealCluster cluster({});
  const auto contents = sampleText(6 * CHUNK + 5);
  auto client = cluster.connect(false);
  ASSERT_OK(client.writeFile("/f", contents));
  ASSERT_VALUE(auto file, client.open("/f"));
  std::string got(contents.size(), '\1');
  // One dies within the read, the next before the rest of it.
  ASSERT_OK(file.read(bytesOf(got).first(CHUNK)));
  cluster.dropDead(1);
  ASSERT_OK(file.read(bytesOf(got).subspan(CHUNK, CHUNK)));
  cluster.dropDead(2);
  ASSERT_VALUE(const auto rest, file.read(bytesOf(got).subspan(2 * CHUNK)));
  EXPECT_EQ(rest, contents.size() - 2 * CHUNK);
  EXPECT_TRUE(got == contents);
}

// The namenode does not know yet that it is dead: the client finds out, and asks for another.
TEST(Cluster, ADeadDatanodeIsLeftOutOfAPut) {
  RealCluster cluster({.datanodes = 4, .replication = 3});
  cluster.dropDead(2);
  const auto contents = sampleText(5 * CHUNK);
  auto client = cluster.connect(false);
  auto entry = client.writeFile("/f", contents);
  ASSERT_OK(entry);
  ASSERT_VALUE(auto chunks, client.locations("/f"));
  for (const auto& chunk : chunks) {
    for (const auto& replica : chunk.replicas) EXPECT_NE(replica.address, cluster.addressOf(2));
  }
  EXPECT_TRUE(client.readFile("/f").value() == contents);
}

// Fewer nodes than wanted replicas: fewer replicas, not a failure.
TEST(Cluster, APutGoesOnWithTheDatanodesThereAre) {
  RealCluster cluster({});
  cluster.dropDead(3);
  auto client = cluster.connect(false);
  const auto contents = sampleText(2 * CHUNK + 1);
  ASSERT_OK(client.writeFile("/f", contents));
  ASSERT_VALUE(auto chunks, client.locations("/f"));
  for (const auto& chunk : chunks) EXPECT_EQ(chunk.replicas.size(), 2u);
  EXPECT_TRUE(client.readFile("/f").value() == contents);
}

// Protects a writer from the loss of a datanode: it goes on with the other, and nothing is missing.
TEST(Cluster, AWriterOutlivesADatanodeOfItsPipeline) {
  RealCluster cluster({.datanodes = 2, .chunkSize = "64MiB", .replication = 2});
  auto client = cluster.connect(false);
  auto file = client.create("/f").value();
  const auto contents = sampleNoise(4 * CHUNK);
  ASSERT_OK(file.write(contents));
  ASSERT_TRUE(eventually([&]() { return file.acknowledged() > 0; }));
  cluster.dropDead(2);
  ASSERT_OK(file.write(contents));
  ASSERT_OK(file.close());
  ASSERT_VALUE(auto got, client.readFile("/f"));
  EXPECT_TRUE(got == contents + contents) << "other bytes came back";
}

// When no datanode is left the writer is told which it lost, and no file looks complete.
TEST(Cluster, DatanodesLostInAPutAreNamedAndTheFileIsNotComplete) {
  RealCluster cluster({.datanodes = 2, .chunkSize = "64MiB", .replication = 2});
  auto client = cluster.connect(false);
  auto file = client.create("/f").value();
  const auto contents = sampleNoise(4 * CHUNK);
  ASSERT_OK(file.write(contents));
  ASSERT_TRUE(eventually([&]() { return file.acknowledged() > 0; }));
  cluster.dropDead(1);
  cluster.dropDead(2);
  std::optional<Status> failure;
  for (int i = 0; i < 100 && !failure; ++i) {
    auto written = file.write(contents);
    if (!written.has_value()) failure = written.error();
  }
  ASSERT_TRUE(failure);
  EXPECT_TRUE(failure->message().find(cluster.addressOf(1)) != std::string::npos ||
              failure->message().find(cluster.addressOf(2)) != std::string::npos)
      << failure->toString();
  EXPECT_FALSE(file.close().has_value());
  ASSERT_VALUE(auto entry, client.stat("/f"));
  EXPECT_TRUE(entry.underConstruction);
  EXPECT_EQ(client.remove("/f").value(), true);
}

}  // namespace
}  // namespace cairn::client
