#include "common/format/md5.h"

#include <gtest/gtest.h>

#include "tests/common/format/sample_chunk.h"

namespace cairn::format {
namespace {

std::string md5Of(std::string_view text) {
  Md5Sum sum;
  sum.add(asBytes(text));
  return sum.sum().toString();
}

// RFC 1321 §A.5's test suite.
TEST(Md5Test, KnownValues) {
  EXPECT_EQ("d41d8cd98f00b204e9800998ecf8427e", md5Of(""));
  EXPECT_EQ("0cc175b9c0f1b6a831c399e269772661", md5Of("a"));
  EXPECT_EQ("900150983cd24fb0d6963f7d28e17f72", md5Of("abc"));
  EXPECT_EQ("f96b697d7cb7938d525a2f31aaf161d0", md5Of("message digest"));
  EXPECT_EQ("c3fcd3d76192e4007dfb496cca67e13b", md5Of("abcdefghijklmnopqrstuvwxyz"));
  EXPECT_EQ("d174ab98d277d9f5a5611c2c9f419d9f",
            md5Of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"));
  EXPECT_EQ("57edf4a22be3c955ac49da2e2107b67a",
            md5Of("1234567890123456789012345678901234567890123456789012345678901234567890"
                  "1234567890"));
}

// The padding's borders (55, 56, 63, 64 bytes in the last block) and every way to cut the input.
TEST(Md5Test, PiecesOfAnySize) {
  const auto bytes = noiseBytes(200);
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    Md5Sum whole;
    whole.add(ByteView(bytes).first(length));
    for (std::size_t step : {1u, 3u, 63u, 64u, 65u}) {
      Md5Sum pieces;
      for (std::size_t at = 0; at < length; at += step) {
        pieces.add(ByteView(bytes).subspan(at, std::min(step, length - at)));
      }
      ASSERT_EQ(whole.sum(), pieces.sum()) << length << " " << step;
    }
  }
}

// Asking for the sum changes nothing: a writer asks at each flush and goes on.
TEST(Md5Test, SumLeavesTheStateAlone) {
  Md5Sum sum;
  sum.add(asBytes("mess"));
  (void)sum.sum();
  auto copy = sum;
  sum.add(asBytes("age digest"));
  copy.add(asBytes("enger"));
  EXPECT_EQ("f96b697d7cb7938d525a2f31aaf161d0", sum.sum().toString());
  EXPECT_EQ(md5Of("messenger"), copy.sum().toString());
}

}  // namespace
}  // namespace cairn::format
