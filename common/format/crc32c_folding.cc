#include "common/format/crc32c_folding.h"

#include <cassert>
#include <cstddef>

#include "common/base/limits.h"
#include "common/format/crc32c_algebra.h"

#ifdef __x86_64__

#include <immintrin.h>

namespace cairn::format {
namespace {

constexpr std::size_t UNIT = limits::CHECKSUM_UNIT_BYTES;
static_assert(UNIT == 8 * sizeof(__m512i));

#define CAIRN_WIDE __attribute__((target("avx512f,avx512vl,vpclmulqdq,pclmul,sse4.2")))

// What moves 128 bits of a message on by a number of bits: factors of their first and their second
// half. The product with a reflected factor comes out one bit too low, hence the shift.
struct Factors {
  long long first, second;
};
consteval Factors by(unsigned bits) {
  const auto factor = [](unsigned n) {
    return static_cast<long long>(std::uint64_t{crc32c_algebra::zeroBytes(n / 8)} << 1);
  };
  return {factor(bits + 32), factor(bits - 32)};
}

constexpr Factors BY_2048 = by(2048);
constexpr Factors BY_1536 = by(1536);
constexpr Factors BY_1024 = by(1024);
constexpr Factors BY_512 = by(512);
constexpr Factors BY_384 = by(384);
constexpr Factors BY_256 = by(256);
constexpr Factors BY_128 = by(128);

// The same factors in each of the four lanes of 128 bits.
CAIRN_WIDE inline __m512i inAllLanes(Factors f) {
  return _mm512_set_epi64(f.second, f.first, f.second, f.first, f.second, f.first, f.second,
                          f.first);
}

CAIRN_WIDE inline __m512i fold(__m512i bits, __m512i factors) {
  return _mm512_xor_si512(_mm512_clmulepi64_epi128(bits, factors, 0x00),
                          _mm512_clmulepi64_epi128(bits, factors, 0x11));
}

CAIRN_WIDE inline __m512i load(const std::byte* from) { return _mm512_loadu_si512(from); }

// The register after `unit`, from all ones on: its eight pieces are folded into four, these into
// one, whose four lanes into one; the CRC of what is left is the register.
CAIRN_WIDE inline std::uint32_t afterUnit(const std::byte* unit) {
  constexpr std::size_t STEP = sizeof(__m512i);
  const auto by2048 = inAllLanes(BY_2048);
  const auto ones = _mm512_zextsi128_si512(_mm_cvtsi32_si128(-1));

  auto a = _mm512_xor_si512(load(unit), ones);
  auto b = load(unit + STEP);
  auto c = load(unit + 2 * STEP);
  auto d = load(unit + 3 * STEP);
  a = _mm512_xor_si512(fold(a, by2048), load(unit + 4 * STEP));
  b = _mm512_xor_si512(fold(b, by2048), load(unit + 5 * STEP));
  c = _mm512_xor_si512(fold(c, by2048), load(unit + 6 * STEP));
  d = _mm512_xor_si512(fold(d, by2048), load(unit + 7 * STEP));

  const auto piece =
      _mm512_xor_si512(_mm512_xor_si512(fold(a, inAllLanes(BY_1536)), fold(b, inAllLanes(BY_1024))),
                       _mm512_xor_si512(fold(c, inAllLanes(BY_512)), d));

  const auto toLastLane = _mm512_set_epi64(0, 0, BY_128.second, BY_128.first, BY_256.second,
                                           BY_256.first, BY_384.second, BY_384.first);
  constexpr __mmask8 LAST_LANE = 0xC0;
  const auto lanes =
      _mm512_xor_si512(fold(piece, toLastLane), _mm512_maskz_mov_epi64(LAST_LANE, piece));
  const auto two =
      _mm256_xor_si256(_mm512_castsi512_si256(lanes), _mm512_extracti64x4_epi64(lanes, 1));
  const auto one = _mm_xor_si128(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1));
  const auto first = static_cast<unsigned long long>(_mm_cvtsi128_si64(one));
  const auto second = static_cast<unsigned long long>(_mm_extract_epi64(one, 1));
  return static_cast<std::uint32_t>(_mm_crc32_u64(_mm_crc32_u64(0, first), second));
}

}  // namespace

bool canFold() {
  static const bool can = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("sse4.2");
  return can;
}

CAIRN_WIDE void crc32cOfUnitsFolding(ByteView bytes, std::span<std::uint32_t> crcs) {
  assert(bytes.size() == crcs.size() * UNIT);
  const auto* unit = bytes.data();
  for (auto& crc : crcs) {
    crc = ~afterUnit(unit);
    unit += UNIT;
  }
}

}  // namespace cairn::format

#else

namespace cairn::format {

bool canFold() { return false; }

void crc32cOfUnitsFolding(ByteView bytes, std::span<std::uint32_t> crcs) { assert(false); }

}  // namespace cairn::format

#endif
