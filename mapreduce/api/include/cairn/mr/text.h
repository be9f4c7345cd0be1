// Cuts text into lines and words, 16 bytes at a time where the processor can (SSE2, which every
// x86-64 has), without copying.
// Layer: mapreduce api (std only, installed).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace cairn::mr {

// Words end at space, tab, newline, carriage return and form feed: java.util.StringTokenizer's
// delimiters, as Hadoop's WordCount uses them. The vertical tab is part of a word.
inline bool endsWord(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

namespace detail {

#if defined(__SSE2__)
// Bit i is set when byte i of the 16 ends a word.
inline std::uint32_t wordEnds16(const char* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  // 9..13 as unsigned: (byte - 9) <= 4, then without 11.
  const __m128i moved = _mm_sub_epi8(bytes, _mm_set1_epi8(9));
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(moved, _mm_set1_epi8(4)), moved);
  const __m128i ends =
      _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(11)), control),
                   _mm_cmpeq_epi8(bytes, _mm_set1_epi8(' ')));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(ends));
}

// 64 bytes' worth of it.
inline std::uint64_t wordEnds64(const char* from) {
  return static_cast<std::uint64_t>(wordEnds16(from)) |
         static_cast<std::uint64_t>(wordEnds16(from + 16)) << 16 |
         static_cast<std::uint64_t>(wordEnds16(from + 32)) << 32 |
         static_cast<std::uint64_t>(wordEnds16(from + 48)) << 48;
}
#else
inline std::uint64_t wordEnds64(const char* from) {
  std::uint64_t bits = 0;
  for (int i = 0; i < 64; ++i) bits |= static_cast<std::uint64_t>(endsWord(from[i])) << i;
  return bits;
}
#endif

}  // namespace detail

// Calls visit(std::string_view word) for every word, from front to back. The views point into
// `text`, of which no byte outside is read.
template <typename Visit>
inline void forEachWord(std::string_view text, Visit&& visit) {
  const char* const begin = text.data();
  const std::size_t size = text.size();
  std::size_t wordAt = 0;  // where the current word began, or the byte behind the last end
  const auto visitBlock = [&](std::uint64_t ends, std::size_t base) {
    while (ends != 0) {
      const std::size_t at = base + static_cast<std::size_t>(__builtin_ctzll(ends));
      ends &= ends - 1;
      if (at > wordAt) visit(std::string_view(begin + wordAt, at - wordAt));
      wordAt = at + 1;
    }
  };
  std::size_t base = 0;
  for (; base + 64 <= size; base += 64) visitBlock(detail::wordEnds64(begin + base), base);
  if (base < size) {
    char tail[64];
    std::memset(tail, 'x', sizeof tail);
    std::memcpy(tail, begin + base, size - base);
    visitBlock(detail::wordEnds64(tail), base);
  }
  if (wordAt < size) visit(std::string_view(begin + wordAt, size - wordAt));
}

// How many lines forEachLine() would give.
inline std::uint64_t countLines(std::string_view text) {
  std::uint64_t lines = text.empty() || text.back() == '\n' ? 0 : 1;
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  return lines;
}

// Calls visit(std::size_t position, std::string_view line) for every line of `text`, without its
// end: '\n', or "\r\n" as one. A last line may lack its end; an empty text has no line.
template <typename Visit>
inline void forEachLine(std::string_view text, Visit&& visit) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* at = begin;
  while (at < end) {
    const auto* newline =
        static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    const char* lineEnd = newline != nullptr ? newline : end;
    const char* next = newline != nullptr ? newline + 1 : end;
    if (newline != nullptr && lineEnd > at && lineEnd[-1] == '\r') --lineEnd;
    visit(static_cast<std::size_t>(at - begin),
          std::string_view(at, static_cast<std::size_t>(lineEnd - at)));
    at = next;
  }
}

}  // namespace cairn::mr
