#include "common/format/md5.h"

#include <algorithm>
#include <bit>

namespace cairn::format {
namespace {

// RFC 1321 §3.4: floor(2^32 * |sin(i + 1)|).
constexpr std::array<std::uint32_t, 64> SINES = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

constexpr std::array<std::array<int, 4>, 4> ROTATIONS = {
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

}  // namespace

std::string Md5::toString() const {
  static constexpr char DIGITS[] = "0123456789abcdef";
  std::string text;
  for (auto byte : bytes) {
    text += DIGITS[std::to_integer<unsigned>(byte) >> 4];
    text += DIGITS[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

void Md5Sum::takeBlock(const std::byte* block) {
  std::array<std::uint32_t, 16> words;
  for (std::size_t i = 0; i < words.size(); ++i)
    words[i] = loadLittle<std::uint32_t>(block + 4 * i);
  auto [a, b, c, d] = state_;
  auto step = [&](std::uint32_t mixed, unsigned i, unsigned word) {
    auto sum = a + mixed + words[word % 16] + SINES[i];
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, ROTATIONS[i / 16][i % 4]);
  };
#pragma clang loop unroll(full)
  for (unsigned i = 0; i < 16; ++i) step((b & c) | (~b & d), i, i);
#pragma clang loop unroll(full)
  for (unsigned i = 16; i < 32; ++i) step((b & d) | (c & ~d), i, 5 * i + 1);
#pragma clang loop unroll(full)
  for (unsigned i = 32; i < 48; ++i) step(b ^ c ^ d, i, 3 * i + 5);
#pragma clang loop unroll(full)
  for (unsigned i = 48; i < 64; ++i) step(c ^ (b | ~d), i, 7 * i);
  state_[0] += a;
  state_[1] += b;
  state_[2] += c;
  state_[3] += d;
}

void Md5Sum::add(ByteView bytes) {
  auto held = static_cast<std::size_t>(length_ % BLOCK_BYTES);
  length_ += bytes.size();
  if (held > 0) {
    auto taken = std::min(BLOCK_BYTES - held, bytes.size());
    std::copy_n(bytes.begin(), taken, block_.begin() + static_cast<std::ptrdiff_t>(held));
    bytes = bytes.subspan(taken);
    if (held + taken < BLOCK_BYTES) return;
    takeBlock(block_.data());
  }
  for (; bytes.size() >= BLOCK_BYTES; bytes = bytes.subspan(BLOCK_BYTES)) takeBlock(bytes.data());
  std::copy(bytes.begin(), bytes.end(), block_.begin());
}

Md5 Md5Sum::sum() const {
  auto last = *this;
  // A one bit, zeros up to 8 bytes before a block's end, the length in bits.
  std::array<std::byte, BLOCK_BYTES + 8> padding{std::byte{0x80}};
  auto held = static_cast<std::size_t>(length_ % BLOCK_BYTES);
  auto zeros = (held < BLOCK_BYTES - 8 ? BLOCK_BYTES - 8 : 2 * BLOCK_BYTES - 8) - held;
  storeLittle(padding.data() + zeros, length_ * 8);
  last.add(ByteView(padding).first(zeros + 8));
  Md5 md5;
  for (std::size_t i = 0; i < last.state_.size(); ++i) {
    storeLittle(md5.bytes.data() + 4 * i, last.state_[i]);
  }
  return md5;
}

}  // namespace cairn::format
