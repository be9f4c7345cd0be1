#include "cairn/mr/codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace cairn::mr {
namespace {

template <template <typename> typename Codec, typename T>
std::string encoded(T value) {
  std::string bytes(Codec<T>::size(value), '\0');
  bytes.resize(Codec<T>::encode(value, bytes.data()));
  return bytes;
}

template <typename T>
void expectOrder(const std::vector<T>& ascending) {
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    const auto bytes = encoded<KeyCodec>(ascending[i]);
    EXPECT_EQ(ascending[i], KeyCodec<T>::decode(bytes));
    if (i > 0) EXPECT_LT(encoded<KeyCodec>(ascending[i - 1]), bytes) << ascending[i];
  }
}

// The engine compares keys as bytes: their order must be the type's.
TEST(CodecTest, KeysSortLikeTheirValues) {
  expectOrder<std::int64_t>({std::numeric_limits<std::int64_t>::min(), -256, -1, 0, 1, 255, 256,
                             std::numeric_limits<std::int64_t>::max()});
  expectOrder<std::uint32_t>({0, 1, 255, 256, 65536, std::numeric_limits<std::uint32_t>::max()});
  expectOrder<std::int8_t>({-128, -1, 0, 127});
  expectOrder<double>({-std::numeric_limits<double>::infinity(), -1e300, -1.5, -1e-300, 0.0, 1e-300,
                       1.5, 1e300, std::numeric_limits<double>::infinity()});
  expectOrder<std::string>({"", std::string(1, '\0'), "a", "ab", "b", "\xff"});
}

template <typename T>
void expectRoundTrip(std::vector<T> values) {
  for (const auto& value : values) {
    const auto bytes = encoded<ValueCodec>(value);
    EXPECT_LE(bytes.size(), ValueCodec<T>::MAX_BYTES);
    EXPECT_EQ(value, ValueCodec<T>::decode(bytes));
  }
}

// Values come back as they were, at the edges of every length.
TEST(CodecTest, ValuesComeBack) {
  std::vector<std::uint64_t> numbers{0, std::numeric_limits<std::uint64_t>::max()};
  std::vector<std::int64_t> numbersWithSign{std::numeric_limits<std::int64_t>::min(), -1};
  for (int bit = 0; bit < 64; ++bit) {
    for (const std::uint64_t near : {-1, 0, 1}) {
      numbers.push_back((std::uint64_t{1} << bit) + near);
      numbersWithSign.push_back(static_cast<std::int64_t>(numbers.back()));
    }
  }
  expectRoundTrip(numbers);
  expectRoundTrip(numbersWithSign);
  expectRoundTrip<double>({0.0, -0.0, 1.5, -1e300});
  EXPECT_EQ("text",
            ValueCodec<std::string_view>::decode(encoded<ValueCodec, std::string_view>("text")));
}

// Bytes of another type are an error of the task, not a wrong number.
TEST(CodecTest, WrongBytesAreRefused) {
  EXPECT_THROW(KeyCodec<std::uint32_t>::decode("123"), BadEncoding);
  EXPECT_THROW(ValueCodec<std::uint64_t>::decode(""), BadEncoding);
  EXPECT_THROW(ValueCodec<std::uint64_t>::decode("\x80"), BadEncoding);
  EXPECT_THROW(ValueCodec<std::uint64_t>::decode(std::string("\x01\x01", 2)), BadEncoding);
  EXPECT_THROW(ValueCodec<std::uint64_t>::decode(std::string(11, '\xff')), BadEncoding);
  EXPECT_THROW(ValueCodec<double>::decode("1234567"), BadEncoding);
}

// What TextOutput prints, at the widest.
TEST(CodecTest, TextOfNumbers) {
  EXPECT_EQ("-9223372036854775808", (encoded<TextCodec>(std::numeric_limits<std::int64_t>::min())));
  EXPECT_EQ("18446744073709551615",
            (encoded<TextCodec>(std::numeric_limits<std::uint64_t>::max())));
  EXPECT_EQ("0.1", (encoded<TextCodec>(0.1)));
}

}  // namespace
}  // namespace cairn::mr
