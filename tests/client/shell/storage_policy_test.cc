// Protects: storage policies go by HDFS's names and numbers, as scripts and other clients know
// them.
#include "client/shell/storage_policy.h"

#include <gtest/gtest.h>

namespace cairn::shell {
namespace {

TEST(StoragePolicy, NamesAreHdfss) {
  EXPECT_EQ(storagePolicyOf("COLD"), StoragePolicy::COLD);
  EXPECT_EQ(storagePolicyOf("all_ssd"), StoragePolicy::ALL_SSD);
  EXPECT_EQ(storagePolicyOf("COL"), std::nullopt);
  EXPECT_EQ(storagePolicyOf("COLDER"), std::nullopt);
  EXPECT_EQ(storagePolicyOf(""), std::nullopt);
  EXPECT_EQ(nameOfStoragePolicy(7), "HOT");
  EXPECT_EQ(nameOfStoragePolicy(0), "");
  EXPECT_EQ(nameOfStoragePolicy(3), "");
  for (const auto& policy : storagePolicies()) {
    EXPECT_EQ(storagePolicyOf(policy.name), policy.policy) << policy.name;
    EXPECT_EQ(nameOfStoragePolicy(static_cast<std::uint8_t>(policy.policy)), policy.name);
  }
}

}  // namespace
}  // namespace cairn::shell
