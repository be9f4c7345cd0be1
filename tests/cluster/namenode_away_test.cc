// A put while the namenode is down, or stands still: the user is told that it is tried again, and
// either it succeeds when the namenode is back or it gives up with its exit code and says what it
// left behind. Either way the same put works afterwards.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "cairn/client.h"
#include "tests/testkit/daemons.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

constexpr std::size_t CHUNK = 1 << 20;

class NamenodeAway : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    ::signal(SIGPIPE, SIG_IGN);
    cluster_ = new Daemons({.datanodes = 2,
                            .jobs = false,
                            .settings = "[fs]\nchunk_size = \"1MiB\"\nreplication = 2\n"});
  }
  static void TearDownTestSuite() { delete cluster_; }
  void SetUp() override {
    content_ = sampleNoise(3 * CHUNK + 5);
    local_ = cluster().scratch() / "in";
    writeFile(local_, content_);
  }
  void TearDown() override {
    cluster().process("namenode").thaw();
    if (!cluster().process("namenode").running()) cluster().start("namenode");
    if (HasFailure()) ADD_FAILURE() << cluster().lastWords();
  }

  static Daemons& cluster() { return *cluster_; }
  static std::string address() { return cluster().addressOf("namenode"); }
  // What a user sees of a call that is tried again, and of one that is given up.
  static void expectTold(const std::string& errors, bool givenUp) {
    const auto away = "namenode " + address() + " does not answer";
    const auto again = errors.find(away);
    ASSERT_NE(again, std::string::npos) << errors;
    EXPECT_NE(errors.find("trying again for", again), std::string::npos) << errors;
    EXPECT_EQ(errors.find("put: ") != std::string::npos, givenUp) << errors;
  }
  void expectPutWorks(const std::string& path) {
    const auto put = cluster().cairn({"put", local_, path});
    EXPECT_EQ(put.code, 0) << put.err;
    expectThere(path);
  }
  void expectThere(const std::string& path) {
    EXPECT_TRUE(cluster().cairn({"cat", path}).out == content_);
    EXPECT_EQ(cluster().cairn({"test", "-e", path + "._COPYING_"}).code, 1);
  }

  std::string content_;
  std::string local_;

private:
  static Daemons* cluster_;
};
Daemons* NamenodeAway::cluster_ = nullptr;

TEST_F(NamenodeAway, APutGivesUp) {
  cluster().kill("namenode");
  const auto put = cluster().cairn({"put", "--client.retry_budget_ms=1s", local_, "/gives-up"});
  EXPECT_EQ(put.code, 1);
  expectTold(put.err, true);
  const auto hadoop =
      cluster().cairn({"fs", "-put", local_, "/gives-up"}, {"CAIRN_CLIENT_RETRY_BUDGET_MS=1s"});
  EXPECT_EQ(hadoop.code, 1);
  expectTold(hadoop.err, true);
  cluster().start("namenode");
  expectPutWorks("/gives-up");
}

TEST_F(NamenodeAway, APutWaitsForIt) {
  cluster().kill("namenode");
  auto put = cluster().begin({"put", local_, "/waits"}, "put");
  ASSERT_TRUE(
      eventually([&]() { return put->errors().find("trying again") != std::string::npos; }));
  cluster().start("namenode");
  EXPECT_EQ(put->wait(), 0) << put->errors();
  expectTold(put->errors(), false);
  expectThere("/waits");
}

// It cannot remove what it has begun, and says so.
TEST_F(NamenodeAway, APutGivesUpInTheMiddle) {
  const auto pipe = cluster().scratch() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  auto put = cluster().begin({"put", "--client.retry_budget_ms=1s", pipe, "/middle"}, "put");
  std::ofstream feed(pipe, std::ios::binary);
  feed << content_.substr(0, CHUNK / 2) << std::flush;
  ASSERT_TRUE(
      eventually([&]() { return cluster().cairn({"test", "-e", "/middle._COPYING_"}).code == 0; }));
  cluster().kill("namenode");
  feed << content_.substr(CHUNK / 2) << std::flush;
  feed.close();
  EXPECT_EQ(put->wait(), 1);
  expectTold(put->errors(), true);
  EXPECT_NE(put->errors().find("/middle._COPYING_ is left behind"), std::string::npos)
      << put->errors();
  cluster().start("namenode");
  EXPECT_EQ(cluster().cairn({"test", "-e", "/middle"}).code, 1);
  expectPutWorks("/middle");
}

// Its system takes the connection and it never answers: that is noticed, too.
TEST_F(NamenodeAway, APutGivesUpOnOneThatStandsStill) {
  cluster().process("namenode").freeze();
  const auto put = cluster().cairn({"put", "--client.retry_budget_ms=100ms", local_, "/still"});
  EXPECT_EQ(put.code, 1);
  expectTold(put.err, true);
  cluster().process("namenode").thaw();
  expectPutWorks("/still");
}

// Protects a writer from a namenode that stood still for longer than it lets writers be silent:
// neither its file nor its datanodes are taken from it.
TEST(FrozenNamenode, TakesNothingFromAWriter) {
  Daemons cluster({.datanodes = 2,
                   .jobs = false,
                   .settings = "[fs]\nreplication = 2\n",
                   .namenodeSettings = "datanode_stale_ms = 3000\n"
                                       "datanode_dead_ms = 5000\nlease_soft_ms = 4000\n"
                                       "lease_hard_ms = 6000\n"});
  const auto connect = [&]() {
    ClientOptions options;
    options.namenode = cluster.addressOf("namenode");
    return Client::connect(std::move(options)).value();
  };
  const auto content = sampleNoise(2 * CHUNK);
  auto writer = connect();
  ASSERT_VALUE(auto file, writer.create("/w"));
  ASSERT_OK(file.write(content.substr(0, CHUNK)));
  ASSERT_OK(file.hflush());
  cluster.process("namenode").freeze();
  std::this_thread::sleep_for(std::chrono::seconds(8));
  cluster.process("namenode").thaw();
  EXPECT_CODE(Code::LEASE_CONFLICT, connect().append("/w"));
  ASSERT_OK(file.write(content.substr(CHUNK)));
  EXPECT_OK(file.close());
  EXPECT_TRUE(writer.readFile("/w").value_or("") == content);
  ASSERT_VALUE(const auto chunks, writer.locations("/w"));
  EXPECT_EQ(chunks.front().replicas.size(), 2U);
  if (::testing::Test::HasFailure()) ADD_FAILURE() << cluster.lastWords();
}

}  // namespace
}  // namespace cairn::testkit
