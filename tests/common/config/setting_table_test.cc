// The table of settings as a whole.
#include "common/config/setting_table.h"

#include <gtest/gtest.h>

#include <set>

#include "common/config/client_config.h"
#include "common/config/datanode_config.h"
#include "common/config/jobtracker_config.h"
#include "common/config/namenode_config.h"
#include "common/config/settings.h"
#include "common/config/tasktracker_config.h"
#include "tests/testkit/results.h"

namespace cairn::config {
namespace {

// Protects users from settings that do nothing: every key of the table is read by some struct.
TEST(SettingTableTest, EveryKeyIsRead) {
  Settings settings({.home = "/homes/u", .user = "u", .cores = 2});
  std::set<std::string, std::less<>> reads;
  settings.noteReads(&reads);
  ASSERT_OK(ClientConfig::from(settings));
  ASSERT_OK(NamenodeConfig::from(settings));
  ASSERT_OK(DatanodeConfig::from(settings));
  ASSERT_OK(JobTrackerConfig::from(settings));
  ASSERT_OK(TaskTrackerConfig::from(settings));
  for (const auto& spec : settingTable()) EXPECT_TRUE(reads.contains(spec.key)) << spec.key;
}

// Protects the form of the table: sections hang together, names fit the environment, texts are
// sentences.
TEST(SettingTableTest, RowsAreWellFormed) {
  std::set<std::string_view> sections;
  std::set<std::string> variables;
  std::string_view section;
  for (const auto& spec : settingTable()) {
    const auto dot = spec.key.find('.');
    ASSERT_NE(dot, std::string_view::npos) << spec.key;
    if (spec.key.substr(0, dot) != section) {
      section = spec.key.substr(0, dot);
      EXPECT_TRUE(sections.insert(section).second) << section << " stands in two places";
    }
    EXPECT_EQ(spec.key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_."),
              std::string_view::npos)
        << spec.key;
    EXPECT_TRUE(variables.insert(environmentName(spec.key)).second) << spec.key;
    EXPECT_TRUE(spec.help.ends_with('.')) << spec.key;
    EXPECT_EQ(spec.help.find_first_of("\n\t"), std::string_view::npos) << spec.key;
    EXPECT_LE(spec.min, spec.max) << spec.key;
  }
  for (const auto& alias : environmentAliases()) {
    EXPECT_TRUE(findSetting(alias.key).has_value()) << alias.key;
    EXPECT_FALSE(variables.contains(std::string(alias.variable))) << alias.variable;
  }
}

TEST(SettingTableTest, NamesInTheEnvironment) {
  EXPECT_EQ(environmentName("namenode.heartbeat_ms"), "CAIRN_NAMENODE_HEARTBEAT_MS");
}

}  // namespace
}  // namespace cairn::config
