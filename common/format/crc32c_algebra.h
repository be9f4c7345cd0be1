// What CRC32C's arithmetic comes down to: polynomials over GF(2) of degree below 32, the bits
// reflected: bit 31 is x^0, bit 0 is x^31. A CRC register is such a polynomial, and n zero bytes
// multiply it by x^(8n) modulo POLYNOMIAL.
// Layer: format (pure); for crc32c*.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace cairn::format::crc32c_algebra {

constexpr std::uint32_t POLYNOMIAL = 0x82F63B78;
constexpr std::uint32_t ONE = 0x80000000;
constexpr std::uint32_t X_TO_8 = ONE >> 8;

constexpr std::uint32_t timesX(std::uint32_t a) {
  return (a >> 1) ^ ((a & 1) != 0 ? POLYNOMIAL : 0);
}

constexpr std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
  std::uint32_t product = 0;
  for (; a != 0; a <<= 1, b = timesX(b)) {
    if ((a & ONE) != 0) product ^= b;
  }
  return product;
}

// x^(8 * 2^k) for each k.
inline constexpr auto POWERS = [] {
  std::array<std::uint32_t, 64> powers{};
  powers[0] = X_TO_8;
  for (std::size_t k = 1; k < powers.size(); ++k) {
    powers[k] = multiply(powers[k - 1], powers[k - 1]);
  }
  return powers;
}();

// x^(8 * count).
constexpr std::uint32_t zeroBytes(std::uint64_t count) {
  auto factor = ONE;
  for (std::size_t k = 0; count != 0; ++k, count >>= 1) {
    if ((count & 1) != 0) factor = multiply(POWERS[k], factor);
  }
  return factor;
}

}  // namespace cairn::format::crc32c_algebra
