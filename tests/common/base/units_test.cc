#include "common/base/units.h"

#include <gtest/gtest.h>

#include "tests/testkit/results.h"

namespace cairn {
namespace {

// Sizes as people write them in configuration and flags.
TEST(UnitsTest, ParsesSizes) {
  const auto size = [](std::string_view text) { return parseByteSize(text).value_or(12345); };
  EXPECT_EQ(0u, size("0"));
  EXPECT_EQ(512u, size("512"));
  EXPECT_EQ(4_KiB, size("4k"));
  EXPECT_EQ(128_MiB, size("128MiB"));
  EXPECT_EQ(8_GiB, size("8 GiB"));
  EXPECT_EQ(1536_MiB, size("1.5g"));
  EXPECT_EQ(UINT64_MAX, size("18446744073709551615"));  // exactly, not by way of a double
}

// A size that is not one must not become another size.
TEST(UnitsTest, RefusesOtherText) {
  for (const char* text : {"", "x", "-1", "12q", "4kk", "99999999999e", "nan", "inf", "1 2"}) {
    EXPECT_CODE(Code::INVALID_ARGUMENT, parseByteSize(text)) << text;
  }
}

// Hadoop's -h format, which scripts parse.
TEST(UnitsTest, FormatsLikeHadoop) {
  EXPECT_EQ("0", formatByteSizeHadoop(0));
  EXPECT_EQ("1023", formatByteSizeHadoop(1023));
  EXPECT_EQ("1 K", formatByteSizeHadoop(1024));
  EXPECT_EQ("1.0 K", formatByteSizeHadoop(1025));
  EXPECT_EQ("1.0 M", formatByteSizeHadoop(1_MiB - 1));
  EXPECT_EQ("128 M", formatByteSizeHadoop(128_MiB));
  EXPECT_EQ("1.5 G", formatByteSizeHadoop(1536_MiB));
  EXPECT_EQ("16.0 E", formatByteSizeHadoop(UINT64_MAX));
}

TEST(UnitsTest, FormatsForPeople) {
  EXPECT_EQ("512 B", formatByteSize(512));
  EXPECT_EQ("128.0 MiB", formatByteSize(128_MiB));
}

}  // namespace
}  // namespace cairn
