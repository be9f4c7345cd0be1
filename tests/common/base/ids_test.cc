#include "common/base/ids.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "tests/testkit/results.h"

namespace cairn {
namespace {

// A chunk's id in the place of an inode's is the mistake that strong ids exist to stop.
static_assert(!std::is_convertible_v<ChunkId, InodeId>);
static_assert(!std::is_convertible_v<std::uint64_t, ChunkId>);
static_assert(!std::is_constructible_v<InodeId, ChunkId>);

// 0 never names anything.
TEST(IdsTest, ZeroIsNothing) {
  EXPECT_FALSE(ChunkId());
  EXPECT_TRUE(ChunkId(16));
  EXPECT_LT(ChunkId(16), ChunkId(32));
}

// UUIDs stand in file names, records and messages in different forms: all must round-trip.
TEST(IdsTest, UuidForms) {
  const Uuid uuid = Uuid::fromHighLow(0x0123456789abcdef, 0xfedcba9876543210);
  EXPECT_EQ("0123456789abcdeffedcba9876543210", uuid.toString());
  EXPECT_EQ(0x0123456789abcdefu, uuid.high());
  EXPECT_EQ(0xfedcba9876543210u, uuid.low());
  ASSERT_VALUE(const Uuid parsed, Uuid::parse(uuid.toString()));
  EXPECT_EQ(uuid, parsed);
  EXPECT_TRUE(Uuid().isNil());
  EXPECT_FALSE(uuid.isNil());
}

// What people type or files hold is checked, not guessed.
TEST(IdsTest, UuidRefusesOtherText) {
  EXPECT_CODE(Code::INVALID_ARGUMENT, Uuid::parse(""));
  EXPECT_CODE(Code::INVALID_ARGUMENT, Uuid::parse("0123456789abcdeffedcba987654321"));
  EXPECT_CODE(Code::INVALID_ARGUMENT, Uuid::parse("0123456789abcdeffedcba98765432100"));
  EXPECT_CODE(Code::INVALID_ARGUMENT, Uuid::parse("0123456789abcdeffedcba987654321g"));
}

}  // namespace
}  // namespace cairn
