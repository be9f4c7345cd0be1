#include "common/base/suggest.h"

#include <gtest/gtest.h>

#include <array>

namespace cairn {
namespace {

// The distance behind every "did you mean": typing errors cost one each, swaps included.
TEST(SuggestTest, EditDistance) {
  EXPECT_EQ(0u, editDistance("", ""));
  EXPECT_EQ(3u, editDistance("", "abc"));
  EXPECT_EQ(3u, editDistance("abc", ""));
  EXPECT_EQ(1u, editDistance("namenode", "namnode"));
  EXPECT_EQ(1u, editDistance("adress", "address"));
  EXPECT_EQ(1u, editDistance("tset", "test"));
  EXPECT_EQ(3u, editDistance("kitten", "sitting"));
}

// A suggestion helps only when it is near; a far one misleads.
TEST(SuggestTest, NearestName) {
  constexpr std::array<std::string_view, 3> NAMES{"put", "get", "mkdir"};
  EXPECT_EQ("mkdir", nearestName("mkdri", NAMES));
  EXPECT_EQ("put", nearestName("pot", NAMES));
  EXPECT_EQ(std::nullopt, nearestName("teragen", NAMES));
  EXPECT_EQ(std::nullopt, nearestName("xyz", NAMES));
  EXPECT_EQ("; did you mean 'get'?", didYouMean("gett", NAMES));
  EXPECT_EQ("", didYouMean("remove", NAMES));
}

}  // namespace
}  // namespace cairn
