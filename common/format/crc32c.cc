#include "common/format/crc32c.h"

#include <array>
#include <bit>
#include <cassert>

#include "common/base/limits.h"
#include "common/format/crc32c_algebra.h"
#include "common/format/crc32c_folding.h"

#if defined(__SSE4_2__) && defined(__x86_64__)
#include <nmmintrin.h>
#define CAIRN_CRC32C_WORD(crc, word) static_cast<std::uint32_t>(_mm_crc32_u64((crc), (word)))
#define CAIRN_CRC32C_BYTE(crc, byte) _mm_crc32_u8((crc), (byte))
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#define CAIRN_CRC32C_WORD(crc, word) __crc32cd((crc), (word))
#define CAIRN_CRC32C_BYTE(crc, byte) __crc32cb((crc), (byte))
#endif

namespace cairn::format {
namespace {

using crc32c_algebra::multiply;
using crc32c_algebra::zeroBytes;

// Multiplication by one fixed factor, a byte of the operand at a time.
using Tables = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr Tables tablesFor(std::uint32_t factor) {
  Tables tables{};
  for (unsigned byte = 0; byte < 4; ++byte) {
    for (unsigned value = 1; value < 256; ++value) {
      auto lowest = static_cast<unsigned>(std::countr_zero(value));
      auto rest = tables[byte][value & (value - 1)];
      tables[byte][value] = (value & (value - 1)) != 0
                                ? rest ^ tables[byte][1U << lowest]
                                : multiply(std::uint32_t{1} << (8 * byte + lowest), factor);
    }
  }
  return tables;
}

std::uint32_t lookUp(const Tables& tables, std::uint32_t a) {
  return tables[0][a & 0xFF] ^ tables[1][(a >> 8) & 0xFF] ^ tables[2][(a >> 16) & 0xFF] ^
         tables[3][a >> 24];
}

constexpr std::size_t UNIT = limits::CHECKSUM_UNIT_BYTES;
constinit const Tables AFTER_UNIT = tablesFor(zeroBytes(UNIT));
// Slicing by four: what four bytes leave in the register.
constinit const Tables AFTER_WORD = tablesFor(zeroBytes(4));

const std::uint8_t* asOctets(ByteView bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

#ifdef CAIRN_CRC32C_WORD

// The instruction's latency is three cycles and one can start in each: three independent blocks
// at a time keep it busy.
constexpr std::size_t BLOCK = 4096;
constinit const Tables AFTER_BLOCK = tablesFor(zeroBytes(BLOCK));

struct Three {
  std::uint32_t a, b, c;
};

// Takes `size` bytes (a multiple of 8) at `from`, at from + size and at from + 2 * size.
Three advance(Three registers, const std::uint8_t* from, std::size_t size) {
  auto [a, b, c] = registers;
  for (std::size_t i = 0; i < size; i += 8) {
    a = CAIRN_CRC32C_WORD(a, loadLittle<std::uint64_t>(from + i));
    b = CAIRN_CRC32C_WORD(b, loadLittle<std::uint64_t>(from + size + i));
    c = CAIRN_CRC32C_WORD(c, loadLittle<std::uint64_t>(from + 2 * size + i));
  }
  return {a, b, c};
}

template <std::size_t SIZE>
void takeBlocks(std::uint32_t& reg, const std::uint8_t*& from, std::size_t& left,
                const Tables& after) {
  for (; left >= 3 * SIZE; from += 3 * SIZE, left -= 3 * SIZE) {
    auto [a, b, c] = advance({reg, 0, 0}, from, SIZE);
    reg = lookUp(after, lookUp(after, a) ^ b) ^ c;
  }
}

#endif

}  // namespace

std::uint32_t crc32cPortable(ByteView bytes, std::uint32_t crc) {
  auto reg = ~crc;
  auto from = asOctets(bytes);
  auto left = bytes.size();
  for (; left >= 4; from += 4, left -= 4) {
    reg = lookUp(AFTER_WORD, reg ^ loadLittle<std::uint32_t>(from));
  }
  for (; left > 0; ++from, --left) {
    // A value in the top byte times x^32 is the same value in the low byte times x^8.
    reg = (reg >> 8) ^ AFTER_WORD[3][(reg ^ *from) & 0xFF];
  }
  return ~reg;
}

#ifdef CAIRN_CRC32C_WORD

std::uint32_t crc32c(ByteView bytes, std::uint32_t crc) {
  auto reg = ~crc;
  auto from = asOctets(bytes);
  auto left = bytes.size();
  takeBlocks<BLOCK>(reg, from, left, AFTER_BLOCK);
  takeBlocks<UNIT>(reg, from, left, AFTER_UNIT);
  for (; left >= 8; from += 8, left -= 8) {
    reg = CAIRN_CRC32C_WORD(reg, loadLittle<std::uint64_t>(from));
  }
  for (; left > 0; ++from, --left) reg = CAIRN_CRC32C_BYTE(reg, *from);
  return ~reg;
}

void crc32cOfUnitsPlain(ByteView bytes, std::span<std::uint32_t> crcs) {
  auto from = asOctets(bytes);
  std::size_t unit = 0;
  for (; unit + 3 <= crcs.size(); unit += 3, from += 3 * UNIT) {
    auto [a, b, c] = advance({~0U, ~0U, ~0U}, from, UNIT);
    crcs[unit] = ~a;
    crcs[unit + 1] = ~b;
    crcs[unit + 2] = ~c;
  }
  for (; unit < crcs.size(); ++unit) crcs[unit] = crc32c(bytes.subspan(unit * UNIT, UNIT));
}

#else

std::uint32_t crc32c(ByteView bytes, std::uint32_t crc) { return crc32cPortable(bytes, crc); }

void crc32cOfUnitsPlain(ByteView bytes, std::span<std::uint32_t> crcs) {
  for (std::size_t unit = 0; unit < crcs.size(); ++unit) {
    crcs[unit] = crc32cPortable(bytes.subspan(unit * UNIT, UNIT));
  }
}

#endif

void crc32cOfUnits(ByteView bytes, std::span<std::uint32_t> crcs) {
  assert(bytes.size() == crcs.size() * UNIT);
  if (canFold()) return crc32cOfUnitsFolding(bytes, crcs);
  crc32cOfUnitsPlain(bytes, crcs);
}

std::uint32_t crc32cCombine(std::uint32_t crcA, std::uint32_t crcB, std::uint64_t lengthB) {
  return multiply(zeroBytes(lengthB), crcA) ^ crcB;
}

std::uint32_t crc32cJoinUnits(std::span<const std::uint32_t> crcs, std::uint32_t crc) {
  for (auto unit : crcs) crc = lookUp(AFTER_UNIT, crc) ^ unit;
  return crc;
}

}  // namespace cairn::format
