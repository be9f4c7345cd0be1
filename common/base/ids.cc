#include "common/base/ids.h"

namespace cairn {
namespace {

std::uint64_t loadBigEndian(const std::uint8_t* from) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | from[i];
  return value;
}

void storeBigEndian(std::uint8_t* to, std::uint64_t value) {
  for (int i = 7; i >= 0; --i, value >>= 8) to[i] = static_cast<std::uint8_t>(value);
}

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::uint64_t Uuid::high() const { return loadBigEndian(bytes.data()); }
std::uint64_t Uuid::low() const { return loadBigEndian(bytes.data() + 8); }

Uuid Uuid::fromHighLow(std::uint64_t high, std::uint64_t low) {
  Uuid id;
  storeBigEndian(id.bytes.data(), high);
  storeBigEndian(id.bytes.data() + 8, low);
  return id;
}

std::string Uuid::toString() const {
  static constexpr char DIGITS[] = "0123456789abcdef";
  std::string text;
  text.reserve(32);
  for (auto b : bytes) {
    text += DIGITS[b >> 4];
    text += DIGITS[b & 15];
  }
  return text;
}

Result<Uuid> Uuid::parse(std::string_view text) {
  Uuid id;
  if (text.size() != 32) {
    return fail(Code::INVALID_ARGUMENT, "an id has 32 hex digits, this one has " +
                                            std::to_string(text.size()) + " characters");
  }
  for (std::size_t i = 0; i < 16; ++i) {
    const int hi = hexDigit(text[2 * i]);
    const int lo = hexDigit(text[2 * i + 1]);
    if (hi < 0 || lo < 0) return fail(Code::INVALID_ARGUMENT, "an id has hex digits only");
    id.bytes[i] = static_cast<std::uint8_t>(hi << 4 | lo);
  }
  return id;
}

}  // namespace cairn
