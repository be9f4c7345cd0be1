// What the daemons' structs check beyond single values.
#include <gtest/gtest.h>

#include "common/config/datanode_config.h"
#include "common/config/jobtracker_config.h"
#include "common/config/namenode_config.h"
#include "common/config/tasktracker_config.h"
#include "tests/testkit/results.h"

namespace cairn::config {
namespace {

class StructsTest : public ::testing::Test {
protected:
  void set(std::string_view key, std::string_view text) { ASSERT_OK(settings.set(key, text, "t")); }
  Settings settings{{.home = "/homes/u", .user = "u", .cores = 2}};
};

// Protects files from strangers: without authentication no daemon listens where others reach it,
// unless told so by a name that frightens.
TEST_F(StructsTest, DaemonsBindToLoopbackOnly) {
  set("namenode.address", "0.0.0.0:8020");
  const auto refused = NamenodeConfig::from(settings);
  EXPECT_CODE(Code::INVALID_ARGUMENT, refused);
  EXPECT_NE(testkit::messageOf(refused).find("security.allow_insecure_bind_beyond_loopback"),
            std::string::npos);
  set("security.allow_insecure_bind_beyond_loopback", "true");
  EXPECT_OK(NamenodeConfig::from(settings));
}

// Protects files' names and the cluster's state from strangers in the same way.
TEST_F(StructsTest, PagesAreShownToThisMachineOnly) {
  set("namenode.http_address", "0.0.0.0:9870");
  const auto refused = NamenodeConfig::from(settings);
  EXPECT_CODE(Code::INVALID_ARGUMENT, refused);
  EXPECT_NE(testkit::messageOf(refused).find("namenode.http_address"), std::string::npos);
  set("security.allow_insecure_bind_beyond_loopback", "true");
  EXPECT_OK(NamenodeConfig::from(settings));
}

TEST_F(StructsTest, PagesAreWhereHdfsHasThemOrNowhere) {
  EXPECT_EQ(NamenodeConfig::from(settings)->httpAddress->toString(), "127.0.0.1:9870");
  EXPECT_EQ(DatanodeConfig::from(settings)->httpAddress->toString(), "127.0.0.1:9864");
  EXPECT_EQ(JobTrackerConfig::from(settings)->httpAddress->toString(), "127.0.0.1:8088");
  EXPECT_EQ(TaskTrackerConfig::from(settings)->httpAddress->toString(), "127.0.0.1:8042");
  for (const char* off : {"none", ""}) {
    set("datanode.http_address", off);
    EXPECT_FALSE(DatanodeConfig::from(settings)->httpAddress.has_value()) << off;
  }
  EXPECT_CODE(Code::INVALID_ARGUMENT, settings.set("datanode.http_address", "9864", "t"));
  EXPECT_CODE(Code::INVALID_ARGUMENT, settings.set("datanode.namenode", "none", "t"));
}

// Protects datanodes from each other, and their clients from connecting to themselves: who listens
// everywhere says where he is to be found.
TEST_F(StructsTest, NobodyIsToldToConnectToAWildcard) {
  EXPECT_FALSE(DatanodeConfig::from(settings)->advertised.has_value());
  set("security.allow_insecure_bind_beyond_loopback", "true");
  for (const char* wildcard : {"0.0.0.0:8022", "[::]:8022", "*:8022", "0:8022"}) {
    set("datanode.advertise_address", "");
    set("datanode.address", wildcard);
    const auto refused = DatanodeConfig::from(settings);
    EXPECT_CODE(Code::INVALID_ARGUMENT, refused);
    EXPECT_NE(testkit::messageOf(refused).find("datanode.advertise_address"), std::string::npos);
    for (const auto& [text, address] :
         std::vector<std::pair<std::string, std::string>>{{"dn1", "dn1:0"},
                                                          {"dn1:9", "dn1:9"},
                                                          {"10.0.0.1", "10.0.0.1:0"},
                                                          {"[::1]", "[::1]:0"}}) {
      set("datanode.advertise_address", text);
      ASSERT_VALUE(const auto config, DatanodeConfig::from(settings));
      EXPECT_EQ(config.advertised->toString(), address);
    }
    for (const char* bad : {"0.0.0.0", "0.0.0.0:8022", "[::]:1", "dn1:x", "a b", "::1"}) {
      set("datanode.advertise_address", bad);
      EXPECT_CODE(Code::INVALID_ARGUMENT, DatanodeConfig::from(settings)) << bad;
    }
  }
}

// Protects against times that contradict each other: a datanode would be dead between heartbeats.
TEST_F(StructsTest, TimesAreInOrder) {
  set("namenode.heartbeat_ms", "40s");
  const auto stale = NamenodeConfig::from(settings);
  EXPECT_CODE(Code::INVALID_ARGUMENT, stale);
  EXPECT_NE(testkit::messageOf(stale).find("namenode.datanode_stale_ms"), std::string::npos);
  set("jobtracker.heartbeat_ms", "10s");
  EXPECT_CODE(Code::INVALID_ARGUMENT, JobTrackerConfig::from(settings));
}

// Protects writers from limits that contradict each other, and from such that no sign of life
// meets.
TEST_F(StructsTest, LimitsOfLeases) {
  ASSERT_VALUE(auto config, NamenodeConfig::from(settings));
  EXPECT_EQ(config.leaseSoftMs, 60'000U);
  EXPECT_EQ(config.leaseHardMs, 1'200'000U);
  set("namenode.lease_hard_ms", "59s");
  EXPECT_EQ(testkit::messageOf(NamenodeConfig::from(settings)),
            "t: namenode.lease_hard_ms is 59000 ms; it must be at least namenode.lease_soft_ms, "
            "which is 60000 ms (default)");
  set("namenode.lease_soft_ms", "59s");
  ASSERT_VALUE(config, NamenodeConfig::from(settings));
  EXPECT_EQ(config.leaseSoftMs, 59'000U);
  EXPECT_EQ(config.leaseHardMs, 59'000U);
  EXPECT_CODE(Code::INVALID_ARGUMENT, settings.set("namenode.lease_soft_ms", "999", "t"));
  EXPECT_CODE(Code::INVALID_ARGUMENT, settings.set("namenode.lease_hard_ms", "never", "t"));
}

TEST_F(StructsTest, TimesOfAccessMayBeOff) {
  EXPECT_EQ(NamenodeConfig::from(settings)->accessTimePrecisionMs, 3'600'000);
  set("namenode.access_time_precision_ms", "0");
  EXPECT_EQ(NamenodeConfig::from(settings)->accessTimePrecisionMs, 0);
  EXPECT_CODE(Code::INVALID_ARGUMENT, settings.set("namenode.access_time_precision_ms", "-1", "t"));
}

// Protects the trash from checkpoints that are old before the next is made, and says so; without a
// trash the second interval has no meaning.
TEST_F(StructsTest, IntervalsOfTheTrash) {
  constexpr const char* KEY = "fs.trash_checkpoint_interval_minutes";
  EXPECT_EQ(NamenodeConfig::from(settings)->trashCheckpointIntervalMs, 0);
  set(KEY, "10");
  EXPECT_EQ(NamenodeConfig::from(settings)->trashCheckpointIntervalMs, 0);
  set("fs.trash_interval_minutes", "10");
  ASSERT_VALUE(const auto config, NamenodeConfig::from(settings));
  EXPECT_EQ(config.trashIntervalMs, 600'000);
  EXPECT_EQ(config.trashCheckpointIntervalMs, 600'000);
  set(KEY, "11");
  EXPECT_EQ(testkit::messageOf(NamenodeConfig::from(settings)),
            "t: fs.trash_checkpoint_interval_minutes is 11; it must be at most "
            "fs.trash_interval_minutes, which is 10 (t)");
  set(KEY, "0");
  EXPECT_EQ(NamenodeConfig::from(settings)->trashCheckpointIntervalMs, 600'000);
  EXPECT_CODE(Code::INVALID_ARGUMENT, settings.set(KEY, "-1", "t"));
}

TEST_F(StructsTest, RacksArePaths) {
  set("namenode.rack_table", "10.0.0.7=/r1,10.0.0.8:9866=/hall/r2");
  ASSERT_VALUE(const auto config, NamenodeConfig::from(settings));
  ASSERT_EQ(config.rackTable.size(), 2U);
  EXPECT_EQ(config.rackTable[1],
            (std::pair<std::string, std::string>{"10.0.0.8:9866", "/hall/r2"}));
  for (const char* bad : {"10.0.0.7", "=/r", "h=r1", "h=/r/", "h=//r", "h=/"}) {
    set("namenode.rack_table", bad);
    EXPECT_CODE(Code::INVALID_ARGUMENT, NamenodeConfig::from(settings)) << bad;
  }
}

TEST_F(StructsTest, TheRackScriptIsAPath) {
  ASSERT_VALUE(const auto none, NamenodeConfig::from(settings));
  EXPECT_EQ(none.rackScript, "");
  set("namenode.rack_script", "~/racks.sh");
  ASSERT_VALUE(const auto config, NamenodeConfig::from(settings));
  EXPECT_EQ(config.rackScript, "/homes/u/racks.sh");
}

// Protects data from two volumes in one directory, which would count each replica twice.
TEST_F(StructsTest, VolumesAreDifferentDirectories) {
  set("datanode.dirs", "~/a, ~/b");
  ASSERT_VALUE(const auto config, DatanodeConfig::from(settings));
  EXPECT_EQ(config.directories, (std::vector<std::string>{"/homes/u/a", "/homes/u/b"}));
  EXPECT_EQ(config.socketPath, "/homes/u/a/datanode.sock");
  set("datanode.dirs", "/a,/a");
  EXPECT_CODE(Code::INVALID_ARGUMENT, DatanodeConfig::from(settings));
  set("datanode.dirs", "");
  EXPECT_CODE(Code::INVALID_ARGUMENT, DatanodeConfig::from(settings));
}

// Protects the audit log's place: beside the other logs, or in the namenode's directory, or
// nowhere.
TEST_F(StructsTest, WhereTheAuditLogGoes) {
  ASSERT_VALUE(auto config, NamenodeConfig::from(settings));
  EXPECT_TRUE(config.audit);
  EXPECT_EQ(config.auditDirectory, "");
  set("log.dir", "/logs");
  EXPECT_EQ(NamenodeConfig::from(settings)->auditDirectory, "/logs");
  set("namenode.audit_dir", "~/audit");
  EXPECT_EQ(NamenodeConfig::from(settings)->auditDirectory, "/homes/u/audit");
  set("namenode.audit_dir", "none");
  EXPECT_FALSE(NamenodeConfig::from(settings)->audit);
}

// Protects small machines from threads that do not pay, and large ones from serving on one alone.
TEST_F(StructsTest, LoopsForClientsGoByTheCores) {
  const auto loopsOf = [](unsigned cores, const char* threads) {
    Settings machine({.home = "/homes/u", .user = "u", .cores = cores});
    EXPECT_OK(machine.set("namenode.rpc_threads", threads, "the test"));
    return NamenodeConfig::from(machine)->servingLoops;
  };
  EXPECT_EQ(loopsOf(2, "0"), 0U);
  EXPECT_EQ(loopsOf(7, "0"), 0U);
  EXPECT_EQ(loopsOf(8, "0"), 2U);
  EXPECT_EQ(loopsOf(128, "0"), 8U);
  EXPECT_EQ(loopsOf(128, "1"), 0U);
  EXPECT_EQ(loopsOf(2, "3"), 3U);
}

// Protects against a default chunk that no client may choose.
TEST_F(StructsTest, TheDefaultChunkIsAllowed) {
  set("fs.chunk_size_min", "256MiB");
  EXPECT_CODE(Code::INVALID_ARGUMENT, NamenodeConfig::from(settings));
}

}  // namespace
}  // namespace cairn::config
