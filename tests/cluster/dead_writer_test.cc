// A writer's process that dies (kill -9) with its file open: what it had flushed is read before and
// after others close the file, what it had not is there up to some point or not at all, and the
// name can be used again.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
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

constexpr std::size_t PACKET = 1 << 20;  // what the client sends at once
constexpr std::size_t CHUNK = 2 * PACKET;
const std::vector<std::string> NODES{"datanode1", "datanode2", "datanode3"};

class DeadWriter : public ::testing::Test {
protected:
  // Making a cluster takes a second; whoever a test kills is back before the next one.
  static void SetUpTestSuite() {
    cluster_ = new Daemons({.jobs = false, .settings = "[fs]\nchunk_size = \"2MiB\"\n"});
  }
  static void TearDownTestSuite() { delete cluster_; }
  void TearDown() override {
    if (!cluster().process("namenode").running()) cluster().start("namenode");
    startDatanodes();
    if (HasFailure()) ADD_FAILURE() << cluster().lastWords();
  }

  static Daemons& cluster() { return *cluster_; }
  static void startDatanodes() {
    for (const auto& name : NODES) {
      if (!cluster().process(name).running()) cluster().start(name);
    }
  }
  static std::string freshPath() {
    static int files = 0;
    return "/file" + std::to_string(++files);
  }
  static Client connect(bool shortCircuit = false) {
    ClientOptions options;
    options.namenode = cluster().addressOf("namenode");
    options.shortCircuit = shortCircuit;
    return Client::connect(std::move(options)).value();
  }

  // A process that has flushed and written so much to the path, and runs.
  static std::unique_ptr<Process> writer(const std::string& path, std::size_t flushed,
                                         std::size_t more, const std::string& how = "create",
                                         const std::string& flush = "hflush") {
    auto process = std::make_unique<Process>(
        Launch{.command = {DOOMED_WRITER, cluster().addressOf("namenode"), path, how, flush,
                           std::to_string(flushed), std::to_string(more)},
               .environment = {},
               .directory = cluster().scratch().path(),
               .outputPath = cluster().scratch() / "writer.out",
               .errorPath = cluster().scratch() / "writer.err"});
    EXPECT_TRUE(process->awaitLine("waiting").has_value()) << process->errors();
    return process;
  }
  // What is read begins with the first `least` bytes of `written`, and may have more of them.
  static void expectBeginning(const Result<std::string>& read, const std::string& written,
                              std::size_t least) {
    ASSERT_OK(read);
    EXPECT_GE(read->size(), least);
    EXPECT_TRUE(written.starts_with(*read)) << read->size() << " bytes, not those written";
  }
  static void recover(const std::string& path) {
    auto client = connect();
    EXPECT_TRUE(eventually([&]() { return client.recoverLease(path).value_or(false); }))
        << messageOf(client.recoverLease(path));
  }
  // A closed file, with one length for all who ask; what is read of it is the same each way, begins
  // with those bytes, and can be continued.
  static void expectClosed(const std::string& path, const std::string& written, std::size_t least) {
    auto client = connect();
    const auto read = client.readFile(path);
    expectBeginning(read, written, least);
    ASSERT_VALUE(const auto entry, client.stat(path));
    EXPECT_FALSE(entry.underConstruction);
    EXPECT_EQ(entry.length, read->size());
    EXPECT_TRUE(connect(true).readFile(path).value_or("") == *read);
    const auto fsck = cluster().cairn({"fsck", path});
    EXPECT_EQ(fsck.code, 0) << fsck.out << fsck.err;
    ASSERT_VALUE(auto file, client.append(path));
    ASSERT_OK(file.write("and more"));
    ASSERT_OK(file.close());
    EXPECT_TRUE(client.readFile(path).value_or("") == *read + "and more");
  }

private:
  static Daemons* cluster_;
};
Daemons* DeadWriter::cluster_ = nullptr;

struct Lengths {
  std::size_t flushed;
  std::size_t more;
};
class DeadWriterOf : public DeadWriter, public ::testing::WithParamInterface<Lengths> {};
INSTANTIATE_TEST_SUITE_P(Lengths, DeadWriterOf,
                         ::testing::Values(Lengths{1, 0}, Lengths{777, PACKET}, Lengths{PACKET, 0},
                                           Lengths{CHUNK - 1, 1}, Lengths{CHUNK, 0},
                                           Lengths{CHUNK, 5}, Lengths{CHUNK + 1, 2 * CHUNK},
                                           Lengths{2 * CHUNK + PACKET + 9, PACKET}),
                         [](const auto& lengths) {
                           return std::to_string(lengths.param.flushed) + "_and_" +
                                  std::to_string(lengths.param.more);
                         });

// Protects: what a writer has flushed belongs to its readers, with the writer or without it; the
// file is the dead writer's until somebody takes it from it.
TEST_P(DeadWriterOf, WhatItFlushedIsRead) {
  const auto [flushed, more] = GetParam();
  const auto path = freshPath();
  const auto written = sampleNoise(flushed + more);
  writer(path, flushed, more)->kill();
  auto client = connect();
  expectBeginning(client.readFile(path), written, flushed);
  EXPECT_CODE(Code::LEASE_CONFLICT, client.append(path));
  recover(path);
  expectClosed(path, written, flushed);
}

// Protects: a file that was closed once is never shorter than it was, whatever becomes of an
// append.
TEST_F(DeadWriter, InAnAppend) {
  const auto path = freshPath();
  const auto before = sampleNoise(CHUNK + 333, 5);
  auto client = connect();
  ASSERT_OK(client.writeFile(path, before));
  writer(path, 4'000, PACKET, "append")->kill();
  const auto written = before + sampleNoise(4'000 + PACKET);
  expectBeginning(client.readFile(path), written, before.size() + 4'000);
  recover(path);
  expectClosed(path, written, before.size() + 4'000);
}

// Protects: a recovery leaves the same bytes at every datanode, not just at the one that is read.
TEST_F(DeadWriter, EachReplicaIsRead) {
  const auto path = freshPath();
  writer(path, PACKET + 9, PACKET / 2)->kill();
  recover(path);
  ASSERT_VALUE(const auto content, connect().readFile(path));
  for (const auto& alone : NODES) {
    SCOPED_TRACE(alone);
    for (const auto& name : NODES) {
      if (name != alone) cluster().kill(name);
    }
    EXPECT_TRUE(connect().readFile(path).value_or("") == content);
    startDatanodes();
  }
}

// Protects: datanodes that died together with the writer are not needed for what the others have,
// and bring nothing else back later.
TEST_F(DeadWriter, TogetherWithTwoDatanodes) {
  const auto path = freshPath();
  auto doomed = writer(path, PACKET + 9, PACKET / 2);
  doomed->kill();
  for (const std::string name : {"datanode1", "datanode3"}) cluster().kill(name);
  const auto written = sampleNoise(PACKET + 9 + PACKET / 2);
  expectBeginning(connect().readFile(path), written, PACKET + 9);
  recover(path);
  const auto content = connect().readFile(path);
  expectBeginning(content, written, PACKET + 9);
  startDatanodes();
  EXPECT_TRUE(connect().readFile(path).value_or("") == *content);
  expectClosed(path, *content, content->size());
}

// Protects: whoever comes back knows of an open file what it knew, or finds out.
TEST_F(DeadWriter, TogetherWithEveryDaemon) {
  const auto path = freshPath();
  auto doomed = writer(path, PACKET + 9, PACKET / 2, "create", "hsync");
  doomed->kill();
  for (const auto& name : NODES) cluster().kill(name);
  cluster().kill("namenode");
  cluster().start("namenode");
  startDatanodes();
  const auto written = sampleNoise(PACKET + 9 + PACKET / 2);
  EXPECT_TRUE(eventually([&]() { return connect().readFile(path).has_value(); }));
  expectBeginning(connect().readFile(path), written, PACKET + 9);
  recover(path);
  expectClosed(path, written, PACKET + 9);
}

// Protects: who was thought dead and is not cannot add to the file, nor close it.
TEST_F(DeadWriter, ThatIsNotDead) {
  const auto path = freshPath();
  auto client = connect();
  auto other = connect();
  ASSERT_VALUE(auto file, client.create(path));
  ASSERT_OK(file.write("first"));
  ASSERT_OK(file.hflush());
  EXPECT_TRUE(eventually([&]() { return other.recoverLease(path).value_or(false); }));
  const auto written = file.write(" second");
  const auto closed = file.close();
  EXPECT_FALSE(closed.has_value());
  EXPECT_EQ(other.readFile(path).value_or(""), "first") << messageOf(written);
}

// Leases that end while one waits.
class Silence : public DeadWriter {
protected:
  static void startNamenode(std::vector<std::string> environment = {}) {
    cluster().kill("namenode");
    cluster().start("namenode", true, std::move(environment));
    // So that no writer waits for datanodes longer than its lease lasts.
    auto client = connect();
    EXPECT_TRUE(eventually([&]() {
      const auto report = client.report();
      return report.has_value() &&
             std::ranges::count_if(report->datanodes, &DatanodeReport::live) == 3;
    }));
  }
  void TearDown() override {
    startNamenode();
    DeadWriter::TearDown();
  }
};

// Protects: a file does not stay open for ever because its writer is gone and nobody asks.
TEST_F(Silence, PastTheHardLimitTheFileIsClosed) {
  startNamenode({"CAIRN_NAMENODE_LEASE_SOFT_MS=1s", "CAIRN_NAMENODE_LEASE_HARD_MS=2s"});
  const auto path = freshPath();
  writer(path, PACKET + 9, PACKET)->kill();
  auto client = connect();
  EXPECT_TRUE(eventually([&]() {
    const auto entry = client.stat(path);
    return entry.has_value() && !entry->underConstruction;
  }));
  expectClosed(path, sampleNoise(2 * PACKET + 9), PACKET + 9);
}

// Protects: another writer gets the file, without asking for its recovery, and behind what was
// flushed.
TEST_F(Silence, PastTheSoftLimitAnotherWriterGoesOn) {
  startNamenode({"CAIRN_NAMENODE_LEASE_SOFT_MS=1s"});
  const auto path = freshPath();
  const auto written = sampleNoise(2 * PACKET + 9);
  writer(path, PACKET + 9, PACKET)->kill();
  auto client = connect();
  std::optional<OutputFile> file;
  EXPECT_TRUE(eventually([&]() {
    auto opened = client.append(path);
    if (opened.has_value()) file.emplace(std::move(*opened));
    return file.has_value();
  }));
  ASSERT_TRUE(file.has_value()) << messageOf(client.append(path));
  const auto before = file->position();
  EXPECT_GE(before, PACKET + 9);
  ASSERT_OK(file->write("and more"));
  ASSERT_OK(file->close());
  EXPECT_TRUE(client.readFile(path).value_or("") == written.substr(0, before) + "and more");
}

// A put that ends itself at a named place of its own code: closer than a signal can aim.
class PutCrash : public DeadWriter, public ::testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Points, PutCrash,
                         ::testing::Values("client.create.after", "client.chunk.after_add",
                                           "client.chunk.after_add_2", "client.chunk.before_finish",
                                           "client.complete.before"),
                         [](const auto& point) {
                           std::string name = point.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

// Protects: nothing stands under the final name before all of it is there, and a put that is
// repeated needs nobody's help and leaves nothing beside the file.
TEST_P(PutCrash, IsRepeated) {
  std::string point = GetParam();
  std::string when = "@1";
  if (point.ends_with("_2")) {
    point.resize(point.size() - 2);
    when = "@2";
  }
  const auto directory = freshPath();
  const auto content = sampleNoise(CHUNK + PACKET + 1);
  const auto local = cluster().scratch() / "in";
  writeFile(local, content);
  ASSERT_EQ(cluster().cairn({"mkdir", directory}).code, 0);
  const auto crashed = cluster().cairn({"put", local, directory + "/name"},
                                       {"CAIRN_FAULTS=" + point + "=crash" + when});
  EXPECT_EQ(crashed.code, FAULT_CRASH_EXIT_CODE) << crashed.err;
  EXPECT_EQ(cluster().cairn({"test", "-e", directory + "/name"}).code, 1);
  const auto repeated = cluster().cairn({"put", local, directory + "/name"});
  EXPECT_EQ(repeated.code, 0) << repeated.err;
  ASSERT_VALUE(const auto left, connect().listPage(directory));
  EXPECT_EQ(left.entries.size(), 1U) << cluster().cairn({"ls", directory}).out;
  EXPECT_TRUE(connect().readFile(directory + "/name").value_or("") == content);
}

}  // namespace
}  // namespace cairn::testkit
