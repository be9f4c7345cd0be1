// The cache of look-ups: it must never tell what is not so any more.
#include "namenode/meta/coherent_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn::nn {
namespace {

class CoherentCacheTest : public ::testing::Test {
protected:
  std::string found(std::string_view key) {
    std::string value = "nothing";
    cache.find(key, value);
    return value;
  }
  CoherentCache<std::string> cache{64};
};

TEST_F(CoherentCacheTest, FindsWhatWasInserted) {
  cache.insert("a", "1", cache.version());
  EXPECT_EQ(found("a"), "1");
  EXPECT_EQ(found("b"), "nothing");
}

// Protects from a reader that is overtaken: it read the old row, then the change became visible,
// then it wants the old row to be remembered.
TEST_F(CoherentCacheTest, IgnoresWhatWasReadBeforeAChange) {
  const auto before = cache.version();
  cache.beginChange();
  cache.forget("a");
  const auto during = cache.version();
  cache.insert("a", "old", before);
  cache.insert("a", "old or new", during);
  cache.endChange();
  cache.insert("a", "old", before);
  cache.insert("a", "old or new", during);
  EXPECT_EQ(found("a"), "nothing");
  cache.insert("a", "new", cache.version());
  EXPECT_EQ(found("a"), "new");
}

TEST_F(CoherentCacheTest, ForgetsWhatChanges) {
  cache.insert("a", "1", cache.version());
  cache.insert("b", "2", cache.version());
  cache.beginChange();
  cache.forget("a");
  cache.forget("unknown");
  cache.endChange();
  EXPECT_EQ(found("a"), "nothing");
  EXPECT_EQ(found("b"), "2");
}

// Protects memory: the cache stays within its bound and keeps what is asked for.
TEST_F(CoherentCacheTest, KeepsTheOnesUsedLast) {
  for (int i = 0; i < 1000; ++i) {
    cache.insert("hot", "1", cache.version());
    cache.insert(std::to_string(i), "2", cache.version());
    EXPECT_EQ(found("hot"), "1");
  }
  EXPECT_LE(cache.entries(), 64U);
}

}  // namespace
}  // namespace cairn::nn
