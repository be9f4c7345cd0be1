#include "common/format/crc32c.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/common/format/sample_chunk.h"

namespace cairn::format {
namespace {

// The checksum is the one the world means by CRC32C: RFC 3720 §B.4's values.
TEST(Crc32cTest, KnownValues) {
  ByteVector zeros(32), ones(32, std::byte{0xFF}), rising, falling;
  for (int i = 0; i < 32; ++i) {
    rising.push_back(static_cast<std::byte>(i));
    falling.push_back(static_cast<std::byte>(31 - i));
  }
  for (auto* crc :
       {+[](ByteView b) { return crc32c(b); }, +[](ByteView b) { return crc32cPortable(b); }}) {
    EXPECT_EQ(0x8A9136AAu, crc(zeros));
    EXPECT_EQ(0x62A8AB43u, crc(ones));
    EXPECT_EQ(0x46DD794Eu, crc(rising));
    EXPECT_EQ(0x113FDB5Cu, crc(falling));
    EXPECT_EQ(0xE3069283u, crc(asBytes("123456789")));
    EXPECT_EQ(0u, crc({}));
  }
}

// The instruction's path, with its interleaved blocks, gives what the tables give, for every length
// around the blocks' borders and every alignment.
TEST(Crc32cTest, FastPathEqualsPortable) {
  const auto bytes = noiseBytes(40000);
  for (std::size_t start = 0; start < 9; ++start) {
    for (std::size_t length = 0; length < 600; ++length) {
      auto view = ByteView(bytes).subspan(start, length);
      ASSERT_EQ(crc32cPortable(view), crc32c(view)) << start << " " << length;
    }
  }
  for (std::size_t border : {512u * 3, 4096u * 3, 4096u * 3 + 512 * 3, 4096u * 9}) {
    for (auto length = border - 9; length <= border + 9; ++length) {
      auto view = ByteView(bytes).subspan(3, length);
      ASSERT_EQ(crc32cPortable(view, 77), crc32c(view, 77)) << length;
    }
  }
}

// Whether a CRC is carried on or combined from parts cannot be told afterwards.
TEST(Crc32cTest, PartsJoin) {
  const auto bytes = noiseBytes(5000);
  const auto whole = crc32c(bytes);
  for (std::size_t cut = 0; cut <= bytes.size(); cut += 7) {
    auto a = ByteView(bytes).first(cut), b = ByteView(bytes).subspan(cut);
    ASSERT_EQ(whole, crc32c(b, crc32c(a))) << cut;
    ASSERT_EQ(whole, crc32cCombine(crc32c(a), crc32c(b), b.size())) << cut;
  }
}

// Lengths of real chunks, for which nobody would run the bytes: zeros, joined by halves.
TEST(Crc32cTest, CombinesLongParts) {
  ByteVector zeros(1 << 20);
  auto crc = crc32c(zeros);
  std::uint64_t length = zeros.size();
  for (; length < (std::uint64_t{1} << 26); length *= 2) crc = crc32cCombine(crc, crc, length);
  std::uint32_t carried = 0;
  for (int i = 0; i < 64; ++i) carried = crc32c(zeros, carried);
  EXPECT_EQ(carried, crc);
}

TEST(Crc32cTest, Units) {
  const auto bytes = noiseBytes(512 * 11);
  for (std::size_t units = 0; units <= 11; ++units) {
    auto view = ByteView(bytes).first(units * 512);
    std::vector<std::uint32_t> crcs(units);
    crc32cOfUnits(view, crcs);
    for (std::size_t n = 0; n < units; ++n) EXPECT_EQ(crc32c(view.subspan(n * 512, 512)), crcs[n]);
    EXPECT_EQ(crc32c(view), crc32cJoinUnits(crcs));
    EXPECT_EQ(crc32c(view, 99), crc32cJoinUnits(crcs, 99));
  }
}

// What the processor at hand can do gives what the tables give, however many units there are and
// wherever they begin.
TEST(Crc32cTest, UnitsAreThoseOfTheTables) {
  const auto bytes = noiseBytes(512 * 40);
  for (std::size_t start : {0U, 1U, 7U, 24U, 63U}) {
    for (std::size_t units : {1U, 2U, 3U, 17U, 39U}) {
      const auto view = ByteView(bytes).subspan(start, units * 512);
      std::vector<std::uint32_t> crcs(units);
      std::vector<std::uint32_t> plain(units);
      crc32cOfUnits(view, crcs);
      crc32cOfUnitsPlain(view, plain);
      for (std::size_t n = 0; n < units; ++n) {
        const auto unit = view.subspan(n * 512, 512);
        ASSERT_EQ(crcs[n], crc32cPortable(unit)) << start << " " << n;
        ASSERT_EQ(plain[n], crcs[n]) << start << " " << n;
      }
    }
  }
  // Each bit counts.
  ByteVector one(512);
  std::vector<std::uint32_t> crc(1);
  for (std::size_t bit = 0; bit < 512 * 8; ++bit) {
    one[bit / 8] = static_cast<std::byte>(1U << bit % 8);
    crc32cOfUnits(one, crc);
    ASSERT_EQ(crc[0], crc32cPortable(one)) << bit;
    one[bit / 8] = std::byte{0};
  }
}

}  // namespace
}  // namespace cairn::format
