#include "common/base/bytes.h"

#include <gtest/gtest.h>

#include <array>

namespace cairn {
namespace {

// The byte order of every file format (little) and of every database key (big).
TEST(BytesTest, ByteOrder) {
  std::array<unsigned char, 9> bytes{};
  storeLittle(bytes.data() + 1, std::uint32_t{0x01020304});  // any alignment
  EXPECT_EQ((std::array<unsigned char, 9>{0, 4, 3, 2, 1, 0, 0, 0, 0}), bytes);
  EXPECT_EQ(0x01020304u, loadLittle<std::uint32_t>(bytes.data() + 1));
  storeBig(bytes.data() + 1, std::uint64_t{0x0102030405060708});
  EXPECT_EQ((std::array<unsigned char, 9>{0, 1, 2, 3, 4, 5, 6, 7, 8}), bytes);
  EXPECT_EQ(0x0102030405060708u, loadBig<std::uint64_t>(bytes.data() + 1));
}

// Database keys sort by number because they sort by byte.
TEST(BytesTest, BigEndianKeysSortLikeNumbers) {
  const auto key = [](std::uint64_t id) {
    std::string text;
    appendBig(text, id);
    return text;
  };
  EXPECT_LT(key(1), key(2));
  EXPECT_LT(key(255), key(256));
  EXPECT_LT(key(0x7fffffffffffffff), key(0x8000000000000000));
}

}  // namespace
}  // namespace cairn
