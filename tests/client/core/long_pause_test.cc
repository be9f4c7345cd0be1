// Protects files that stay open while nobody uses them: an hour later the daemons may have been
// restarted and the chunks may lie elsewhere, and whoever goes on notices nothing of it.
#include <gtest/gtest.h>

#include "common/base/limits.h"
#include "tests/client/fakes/fixture.h"

namespace cairn::client {
namespace {

using fakes::ClientTest;

class LongPause : public ClientTest {
protected:
  static constexpr std::size_t CHUNK = 4096;

  // Without read-ahead: what is read behind the pause was not fetched before it.
  kj::Own<FileReader> open(const std::string& path) {
    return wait(files->open(path, {.readAheadBytes = 0})).value();
  }
  std::string readChunk(FileReader& reader) {
    return std::string(asText(wait(reader.next()).value().bytes));
  }
  std::string readAt(FileReader& reader, std::uint64_t offset, std::size_t size) {
    std::string to(size, ' ');
    to.resize(wait(reader.pread(offset, std::as_writable_bytes(std::span(to)))).value());
    return to;
  }
  void put(FileWriter& writer, std::string_view bytes) {
    ASSERT_TRUE(wait(writer.write(asBytes(bytes))).has_value());
  }
  void pause(kj::Duration time) { wait(loop.timer.afterDelay(time)); }
  void restart(fakes::FakeDatanode& node) {
    node.die();
    pause(1 * kj::MINUTES);
    ASSERT_TRUE(wait(node.start()).has_value());
  }
};

TEST_F(LongPause, AReaderOutlivesARestartOfEverything) {
  start(2, 2);
  const auto contents = text(5 * CHUNK + 100);
  ASSERT_TRUE(write("/f", contents).has_value());
  auto reader = open("/f");
  auto got = readChunk(*reader);
  ASSERT_EQ(got.size(), CHUNK);
  pause(20 * kj::MINUTES);
  stopNamenode();
  restart(cluster->node(1));
  restart(cluster->node(2));
  startNamenode();
  pause(40 * kj::MINUTES);
  EXPECT_EQ(readAt(*reader, 3 * CHUNK - 10, 500), contents.substr(3 * CHUNK - 10, 500));
  got += readAll(*reader).value();
  EXPECT_TRUE(got == contents);
  EXPECT_EQ(wait(reader->refresh()).value(), contents.size());
}

TEST_F(LongPause, AReaderFindsChunksThatMovedMeanwhile) {
  start(4, 2);
  namenode.datanodes.resize(2);  // the file lies on the first two
  const auto contents = text(5 * CHUNK + 100);
  ASSERT_TRUE(write("/f", contents).has_value());
  auto reader = open("/f");
  auto got = readChunk(*reader);
  pause(1 * kj::HOURS);
  for (const unsigned node : {1u, 2u}) {
    cluster->node(node + 2).replicas = std::move(cluster->node(node).replicas);
    cluster->node(node).die();
  }
  for (auto& chunk : file("/f").chunks) {
    for (auto& node : chunk.nodes) node += 2;
  }
  namenode.datanodes = cluster->addresses();
  pause(1 * kj::HOURS);
  got += readAll(*reader).value();
  EXPECT_TRUE(got == contents);
  EXPECT_EQ(readAt(*reader, 10, 2 * CHUNK), contents.substr(10, 2 * CHUNK));
  EXPECT_GT(cluster->node(3).reads + cluster->node(4).reads, 0u);
}

// The lease never grows older than the soft limit, and neither the namenode nor a datanode of the
// pipeline need be the same process all the time.
TEST_F(LongPause, AWriterGoesOn) {
  start(3, 3);
  const auto contents = text(4 * CHUNK);
  auto writer = wait(files->create("/f")).value();
  put(*writer, contents.substr(0, 1500));
  ASSERT_TRUE(wait(writer->flush(FlushTo::MEMORY)).has_value());
  const auto passSoftLimits = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const auto before = namenode.renewals;
      pause(limits::LEASE_SOFT_MS * kj::MILLISECONDS);
      ASSERT_GT(namenode.renewals, before);
    }
  };
  passSoftLimits(60);
  put(*writer, contents.substr(1500, CHUNK));
  ASSERT_TRUE(wait(writer->flush(FlushTo::DISK)).has_value());
  stopNamenode();
  restart(cluster->node(2));
  startNamenode();
  passSoftLimits(60);
  put(*writer, contents.substr(1500 + CHUNK));
  ASSERT_TRUE(wait(writer->close()).has_value());
  EXPECT_FALSE(file("/f").open);
  EXPECT_EQ(read("/f").value(), contents);
}

}  // namespace
}  // namespace cairn::client
