#include "common/base/trash_checkpoint.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

constexpr std::int64_t NOW_MS = 1'767'225'600'000;

// Protects trash from living for ever or going too early: a name gives back the time it was made
// from, also when others have the same second's names.
TEST(TrashCheckpointTest, NamesTellTheirTime) {
  const auto name = trashCheckpointName(NOW_MS + 999);
  EXPECT_EQ(name.size(), 12U);
  EXPECT_EQ(trashCheckpointTime(name), NOW_MS);
  EXPECT_EQ(trashCheckpointName(NOW_MS, 2), name + "-2");
  EXPECT_EQ(trashCheckpointTime(name + "-2"), NOW_MS);
  EXPECT_EQ(trashCheckpointTime(name.substr(0, 10)), NOW_MS);  // Hadoop before 0.23
}

// Protects what else users keep in their trash: it is no checkpoint, so it is never old.
TEST(TrashCheckpointTest, OtherNamesAreNone) {
  for (const char* name : {"", "Current", "240131", "24013123595", "2401312359599", "24013123595x",
                           "24-131235959", "-240131235959", " 40131235959", "2401312359+1"}) {
    EXPECT_EQ(trashCheckpointTime(name), std::nullopt) << name;
    EXPECT_FALSE(isOldTrashCheckpoint(name, NOW_MS, 0)) << name;
  }
}

// Protects the time that trash is promised to be kept for.
TEST(TrashCheckpointTest, OldIsBeyondTheInterval) {
  const auto name = trashCheckpointName(NOW_MS, 1);
  EXPECT_FALSE(isOldTrashCheckpoint(name, NOW_MS + 60'000, 60'000));
  EXPECT_TRUE(isOldTrashCheckpoint(name, NOW_MS + 60'001, 60'000));
}

}  // namespace
}  // namespace cairn
