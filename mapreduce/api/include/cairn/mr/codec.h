// How keys, values and output fields become bytes.
// Layer: mapreduce api (std only, installed).
//
// KeyCodec<T> keeps order: comparing encoded keys byte by byte (memcmp, then length) orders as T
// does, so that the engine never calls back to compare. ValueCodec<T> is compact instead.
// TextCodec<T> is what TextOutput prints. Specialise them for types of your own:
//   static constexpr std::size_t MAX_BYTES;        // only if there is a bound for all values
//   static std::size_t size(const T&);             // bytes that encode() writes at most
//   static std::size_t encode(const T&, char* to); // writes, returns how many bytes
//   static T decode(std::string_view bytes);       // throws BadEncoding; not in TextCodec
// Encodings live as long as a job: they never leave it, and may change between versions.
#pragma once

#include <bit>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace cairn::mr {

// Bytes that are no value of the type: the job's tasks were not built from one program.
struct BadEncoding : std::runtime_error {
  BadEncoding() : std::runtime_error("a record does not decode as its declared type") {}
};

// Nothing: the value of a set, or a key or value that TextOutput leaves out with its TAB.
struct None {
  bool operator==(const None&) const = default;
};

template <typename T>
concept Text = std::same_as<T, std::string> || std::same_as<T, std::string_view>;
template <typename T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;

// How a T is passed: small ones and views by value.
template <typename T>
using ParamOf = std::conditional_t<
    Text<T>, std::string_view,
    std::conditional_t<std::is_trivially_copyable_v<T> && sizeof(T) <= 2 * sizeof(void*), T,
                       const T&>>;

template <typename T>
struct KeyCodec;
template <typename T>
struct ValueCodec;
template <typename T>
struct TextCodec;

// Text is its own encoding: bytes compare as they stand, NULs included.
template <Text T>
struct KeyCodec<T> {
  static std::size_t size(std::string_view text) { return text.size(); }
  static std::size_t encode(std::string_view text, char* to) {
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    return text.size();
  }
  static T decode(std::string_view bytes) { return T(bytes); }
};
template <Text T>
struct ValueCodec<T> : KeyCodec<T> {};

// Big endian, sign bit flipped.
template <Integer T>
struct KeyCodec<T> {
  using Unsigned = std::make_unsigned_t<T>;
  static constexpr Unsigned FLIP = std::signed_integral<T>
                                       ? static_cast<Unsigned>(Unsigned{1} << (sizeof(T) * 8 - 1))
                                       : Unsigned{0};
  static constexpr std::size_t MAX_BYTES = sizeof(T);
  static std::size_t size(T) { return sizeof(T); }
  static std::size_t encode(T value, char* to) {
    auto bits = static_cast<Unsigned>(static_cast<Unsigned>(value) ^ FLIP);
    if constexpr (std::endian::native == std::endian::little) bits = std::byteswap(bits);
    std::memcpy(to, &bits, sizeof bits);
    return sizeof bits;
  }
  static T decode(std::string_view bytes) {
    Unsigned bits;
    if (bytes.size() != sizeof bits) throw BadEncoding();
    std::memcpy(&bits, bytes.data(), sizeof bits);
    if constexpr (std::endian::native == std::endian::little) bits = std::byteswap(bits);
    return static_cast<T>(bits ^ FLIP);
  }
};

// IEEE order: positive numbers with the sign bit set, negative ones inverted. -0 sorts before 0.
template <>
struct KeyCodec<double> {
  static constexpr std::size_t MAX_BYTES = 8;
  static std::size_t size(double) { return 8; }
  static std::size_t encode(double value, char* to) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    return KeyCodec<std::uint64_t>::encode(bits >> 63 != 0 ? ~bits : bits | std::uint64_t{1} << 63,
                                           to);
  }
  static double decode(std::string_view bytes) {
    const auto bits = KeyCodec<std::uint64_t>::decode(bytes);
    return std::bit_cast<double>(bits >> 63 != 0 ? bits & ~(std::uint64_t{1} << 63) : ~bits);
  }
};

// Seven bits a byte, lowest first; signed numbers zigzag.
template <Integer T>
struct ValueCodec<T> {
  static constexpr std::size_t MAX_BYTES = (sizeof(T) * 8 + 6) / 7;
  static std::size_t size(T value) {
    return (static_cast<std::size_t>(std::bit_width(zigzag(value) | 1)) + 6) / 7;
  }
  static std::size_t encode(T value, char* to) {
    std::uint64_t bits = zigzag(value);
    std::size_t n = 0;
    for (; bits >= 0x80; bits >>= 7) to[n++] = static_cast<char>(bits | 0x80);
    to[n++] = static_cast<char>(bits);
    return n;
  }
  static T decode(std::string_view bytes) {
    std::uint64_t bits = 0;
    unsigned shift = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i, shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes[i]);
      if (shift > 63) break;
      bits |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (i + 1 == bytes.size()) return unzigzag(bits);
      break;
    }
    throw BadEncoding();
  }

private:
  static std::uint64_t zigzag(T value) {
    if constexpr (std::signed_integral<T>) {
      const auto wide = static_cast<std::int64_t>(value);
      return static_cast<std::uint64_t>(wide) << 1 ^ static_cast<std::uint64_t>(wide >> 63);
    } else {
      return value;
    }
  }
  static T unzigzag(std::uint64_t bits) {
    if constexpr (std::signed_integral<T>) {
      return static_cast<T>(static_cast<std::int64_t>(bits >> 1 ^ (~(bits & 1) + 1)));
    } else {
      return static_cast<T>(bits);
    }
  }
};

template <>
struct ValueCodec<double> {
  static constexpr std::size_t MAX_BYTES = 8;
  static std::size_t size(double) { return 8; }
  static std::size_t encode(double value, char* to) {
    std::memcpy(to, &value, 8);
    return 8;
  }
  static double decode(std::string_view bytes) {
    if (bytes.size() != 8) throw BadEncoding();
    double value;
    std::memcpy(&value, bytes.data(), 8);
    return value;
  }
};

template <>
struct ValueCodec<None> {
  static constexpr std::size_t MAX_BYTES = 0;
  static std::size_t size(None) { return 0; }
  static std::size_t encode(None, char*) { return 0; }
  static None decode(std::string_view) { return {}; }
};

template <Text T>
struct TextCodec<T> {
  static std::size_t size(std::string_view text) { return text.size(); }
  static std::size_t encode(std::string_view text, char* to) {
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    return text.size();
  }
};
template <Integer T>
struct TextCodec<T> {
  static constexpr std::size_t MAX_BYTES = std::numeric_limits<T>::digits10 + 2;
  static std::size_t size(T) { return MAX_BYTES; }
  static std::size_t encode(T value, char* to) {
    return static_cast<std::size_t>(std::to_chars(to, to + MAX_BYTES, value).ptr - to);
  }
};
// The shortest form that reads back as the same number.
template <>
struct TextCodec<double> {
  static constexpr std::size_t MAX_BYTES = 32;
  static std::size_t size(double) { return MAX_BYTES; }
  static std::size_t encode(double value, char* to) {
    return static_cast<std::size_t>(std::to_chars(to, to + MAX_BYTES, value).ptr - to);
  }
};

}  // namespace cairn::mr
