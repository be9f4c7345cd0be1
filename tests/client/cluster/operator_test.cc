// Protects what the library tells and does for operators: safe mode, and what a cluster is.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/client/cluster/real_cluster.h"
#include "tests/testkit/results.h"

namespace cairn::client {
namespace {

class OperatorOfACluster : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    shared_ = new RealCluster({.datanodes = 1, .chunkSize = "4MiB", .replication = 1});
  }
  static void TearDownTestSuite() { delete shared_; }
  static Client connectAs(const std::string& user) {
    ClientOptions options;
    options.namenode = shared_->namenode();
    options.user = user;
    return Client::connect(std::move(options)).value();
  }
  Client client = shared_->connect();

private:
  static RealCluster* shared_;
};
RealCluster* OperatorOfACluster::shared_ = nullptr;

TEST_F(OperatorOfACluster, ServerInfoTellsWhatTheClusterIs) {
  ASSERT_VALUE(const auto info, client.serverInfo());
  EXPECT_EQ(info.chunkSize, 4U << 20);
  EXPECT_EQ(info.replication, 1);
  EXPECT_EQ(info.superuser, client.user());
  EXPECT_EQ(info.trashIntervalMs, 0);
  EXPECT_FALSE(info.safeMode);
  EXPECT_GT(info.nowMs, 0);
  EXPECT_FALSE(info.cluster.empty());
  EXPECT_FALSE(info.version.empty());
  ASSERT_VALUE(const auto report, client.report());
  EXPECT_EQ(report.info.cluster, info.cluster);
  ASSERT_VALUE(const auto others, connectAs("bob").serverInfo());
  EXPECT_EQ(others.cluster, info.cluster) << "anybody may ask";
}

TEST_F(OperatorOfACluster, SafeModeIsTurnedOnAndOff) {
  ASSERT_OK(client.writeFile("/f", "F"));
  ASSERT_VALUE(auto state, client.safeMode());
  EXPECT_FALSE(state.on);
  EXPECT_EQ(state.text, "");
  auto bob = connectAs("bob");
  EXPECT_CODE(Code::PERMISSION_DENIED, bob.safeMode(SafeModeAction::ENTER));

  ASSERT_VALUE(state, client.safeMode(SafeModeAction::ENTER));
  EXPECT_TRUE(state.on);
  EXPECT_EQ(state.text, "It was turned on by an operator, who has to turn it off.");
  ASSERT_VALUE(state, bob.safeMode());
  EXPECT_TRUE(state.on);
  ASSERT_VALUE(const auto info, client.serverInfo());
  EXPECT_TRUE(info.safeMode);
  EXPECT_CODE(Code::PERMISSION_DENIED, bob.safeMode(SafeModeAction::LEAVE));

  // Refused at once, without a retry: it ends when its operator wants.
  const auto refused = client.mkdirs("/d");
  EXPECT_CODE(Code::SAFE_MODE, refused);
  EXPECT_MESSAGE(
      "Cannot create directory /d. Name node is in safe mode.\nIt was turned on by an operator, "
      "who "
      "has to turn it off.",
      refused);
  EXPECT_CODE(Code::SAFE_MODE, client.create("/g"));
  EXPECT_CODE(Code::SAFE_MODE, client.append("/f"));
  EXPECT_CODE(Code::SAFE_MODE, client.remove("/f"));
  EXPECT_CODE(Code::SAFE_MODE, client.rename("/f", "/g"));
  EXPECT_CODE(Code::SAFE_MODE, client.setReplication("/f", 2));
  EXPECT_CODE(Code::SAFE_MODE, client.concat("/f", {"/g"}));
  EXPECT_EQ(client.readFile("/f"), Result<std::string>("F"));

  ASSERT_VALUE(state, client.safeMode(SafeModeAction::LEAVE));
  EXPECT_FALSE(state.on);
  EXPECT_OK(client.mkdirs("/d"));
}

}  // namespace
}  // namespace cairn::client
