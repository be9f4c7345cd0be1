// A datanode that stands still (SIGSTOP): its connections stay, new ones are taken by its system,
// and no answer ever comes. Whoever waits for it, in whatever phase of a write or a read, goes on
// with the others after a bounded time, while it still stands.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
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
constexpr std::size_t REPLICATION = 3;
const std::string VICTIM = "datanode1";
// Some calls wait for a minute (files.h), one after the other if it comes to the worst.
constexpr std::chrono::minutes LONG_PATIENCE{5};

class FrozenDatanode : public ::testing::Test {
protected:
  ~FrozenDatanode() override {
    cluster_.process(VICTIM).thaw();
    if (HasFailure()) ADD_FAILURE() << cluster_.lastWords();
  }

  Client connect(bool shortCircuit = false) {
    ClientOptions options;
    options.namenode = cluster_.addressOf("namenode");
    options.shortCircuit = shortCircuit;
    return Client::connect(std::move(options)).value();
  }
  // Of the file's last chunk; those that write it, in their order, while it is written.
  std::vector<std::string> nodesOf(Client& client, const std::string& path) {
    std::vector<std::string> names;
    const auto chunks = client.locations(path);
    if (!chunks.has_value() || chunks->empty()) return names;
    for (const auto& replica : chunks->back().replicas) {
      names.push_back(cluster_.nameAt(replica.address));
    }
    return names;
  }
  void freeze() { cluster_.process(VICTIM).freeze(); }
  void expectContent(const std::string& path, const std::string& content, bool shortCircuit) {
    const auto read = connect(shortCircuit).readFile(path);
    ASSERT_OK(read);
    EXPECT_TRUE(*read == content) << path << ": " << read->size() << " bytes were read";
  }

  Daemons cluster_{{.datanodes = 4, .jobs = false, .settings = "[fs]\nchunk_size = \"4MiB\"\n"}};
};

// What becomes of a call. Waits, but not for ever.
template <typename T>
T outcomeOf(std::future<T>& future) {
  if (future.wait_for(LONG_PATIENCE) != std::future_status::ready) {
    std::fprintf(stderr, "a call hangs\n");
    std::abort();
  }
  return future.get();
}

enum class Phase { SET_UP, MIDDLE, FLUSH, CLOSE };

// A file whose writer is somewhere in its first chunk when the datanode freezes.
struct Writer {
  Phase phase;
  std::string path;
  std::string content;
  OutputFile file;
  std::size_t written = 0;

  Result<void> write(std::size_t bytes) {
    written += bytes;
    return file.write(content.substr(written - bytes, bytes));
  }
  Result<Entry> finish() {
    if (phase == Phase::CLOSE) return file.close();
    if (auto done = write(2 * PACKET); !done.has_value()) return std::unexpected(done.error());
    if (phase == Phase::FLUSH) {
      if (auto done = file.hflush(); !done.has_value()) return std::unexpected(done.error());
    }
    if (auto done = write(content.size() - written); !done.has_value()) {
      return std::unexpected(done.error());
    }
    return file.close();
  }
};

// Protects: a writer is never held up for good, wherever in its pipeline the node stands; the file
// comes out whole, without the node's replica.
TEST_F(FrozenDatanode, IsLeftOutOfWrites) {
  auto client = connect();
  std::vector<std::unique_ptr<Writer>> writers;
  const auto begin = [&](Phase phase) {
    const auto path = "/file" + std::to_string(writers.size());
    const auto length = phase == Phase::CLOSE ? PACKET : CHUNK + PACKET / 2;
    writers.push_back(std::make_unique<Writer>(
        Writer{phase, path, sampleNoise(length, writers.size() + 1), client.create(path).value()}));
  };
  // Each phase with the node in each place.
  for (const auto phase : {Phase::MIDDLE, Phase::FLUSH, Phase::CLOSE}) {
    for (std::size_t place = 0; place < REPLICATION;) {
      begin(phase);
      auto& writer = *writers.back();
      ASSERT_OK(writer.write(PACKET));
      ASSERT_TRUE(eventually([&]() { return writer.file.acknowledged() == PACKET; }));
      const auto nodes = nodesOf(client, writer.path);
      if (nodes.at(place) == VICTIM) {
        ++place;
      } else {
        ASSERT_LT(writers.size(), 200U) << "no pipeline has the node at " << place;
        ASSERT_OK(client.remove(writer.path));
        writers.pop_back();
      }
    }
  }
  freeze();
  for (int i = 0; i < 4; ++i) begin(Phase::SET_UP);
  std::vector<std::future<Result<Entry>>> ends;
  ends.reserve(writers.size());
  for (auto& writer : writers) {
    ends.push_back(std::async(std::launch::async, [&writer]() { return writer->finish(); }));
  }
  for (std::size_t i = 0; i < writers.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_OK(outcomeOf(ends[i]));
    const auto nodes = nodesOf(client, writers[i]->path);
    EXPECT_GE(nodes.size(), 2U);
    EXPECT_EQ(std::ranges::count(nodes, VICTIM), 0);
    expectContent(writers[i]->path, writers[i]->content, false);
  }
  // It is back with what it had; nobody takes that for the file.
  cluster_.process(VICTIM).thaw();
  for (const auto& writer : writers) {
    expectContent(writer->path, writer->content, false);
    expectContent(writer->path, writer->content, true);
  }
  EXPECT_EQ(cluster_.cairn({"fsck", "/"}).code, 0);
}

// Protects: a reader goes on with another replica, whichever way it reads, from the start and in
// the middle of a file.
TEST_F(FrozenDatanode, IsReadAround) {
  auto writer = connect();
  const auto content = sampleText(6 * CHUNK);
  ASSERT_OK(writer.writeFile("/file", content));
  std::vector<Client> clients{connect(false), connect(true)};
  std::vector<InputFile> open;
  std::string begun(CHUNK / 2, '\0');
  for (auto& client : clients) {
    ASSERT_VALUE(auto file, client.open("/file", {.readAheadBytes = 0}));
    ASSERT_OK(file.read(std::as_writable_bytes(std::span(begun))));
    open.push_back(std::move(file));
  }
  freeze();
  std::vector<std::future<Result<std::string>>> reads;
  for (auto& file : open) {
    reads.push_back(std::async(std::launch::async, [&]() -> Result<std::string> {
      std::string rest(content.size(), '\0');
      auto got = file.read(std::as_writable_bytes(std::span(rest)));
      if (!got.has_value()) return std::unexpected(got.error());
      rest.resize(*got);
      return begun + rest;
    }));
    reads.push_back(std::async(std::launch::async, [&]() -> Result<std::string> {
      std::string piece(10'000, '\0');
      std::string whole;
      while (whole.size() < content.size()) {
        auto got = file.pread(whole.size(), std::as_writable_bytes(std::span(piece)));
        if (!got.has_value()) return std::unexpected(got.error());
        whole += piece.substr(0, *got);
      }
      return whole;
    }));
  }
  for (auto& client : clients) {
    reads.push_back(std::async(std::launch::async, [&]() { return client.readFile("/file"); }));
  }
  for (std::size_t i = 0; i < reads.size(); ++i) {
    const auto read = outcomeOf(reads[i]);
    ASSERT_OK(read);
    EXPECT_TRUE(*read == content) << "reader " << i << " got " << read->size() << " bytes";
  }
}

}  // namespace
}  // namespace cairn::testkit
