// Views of raw memory and fixed-width integers in byte order.
// Layer: base (std only).  Law of the durable formats: integers in files are little endian,
// integers in RocksDB keys are big endian (so that byte order is numeric order).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

using ByteView = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;
using ByteVector = std::vector<std::byte>;

inline ByteView asBytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view asText(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// REQUIRES of all loads and stores: sizeof(T) bytes at the pointer; any alignment.
template <typename T>
T loadLittle(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  return value;
}
template <typename T>
void storeLittle(void* to, T value) {
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  std::memcpy(to, &value, sizeof value);
}
template <typename T>
T loadBig(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  return value;
}
template <typename T>
void storeBig(void* to, T value) {
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  std::memcpy(to, &value, sizeof value);
}
template <typename T>
void appendBig(std::string& to, T value) {
  char buffer[sizeof(T)];
  storeBig(buffer, value);
  to.append(buffer, sizeof buffer);
}

}  // namespace cairn
