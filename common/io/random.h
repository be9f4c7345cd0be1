// Random numbers, passed in: the same seed gives the same numbers with every compiler, so
// std::shuffle and std::*_distribution (whose algorithms the standard leaves open) are not used.
// Layer: io (std only).  Threads: one thread at a time; give each thread its own by split().
// Cost: about 1 ns a number.
//
// The generator is xoshiro256** 1.0 (Blackman and Vigna), its state filled from the seed by
// SplitMix64. It is not for secrets: who sees enough output can compute the rest.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/ids.h"

namespace cairn::io {

class Random {
public:
  // Repeatable.
  explicit Random(std::uint64_t seed);
  // Unrepeatable: 256 bits from the operating system.
  static Random fromOs();

  Random(const Random&) = delete;  // a copy would repeat the original's numbers unnoticed
  Random& operator=(const Random&) = delete;
  Random(Random&&) = default;
  Random& operator=(Random&&) = default;

  std::uint64_t next64();
  // Uniform in [0, n), without bias. REQUIRES: n > 0.
  std::uint64_t below(std::uint64_t n);
  // Uniform in [low, high]. REQUIRES: low <= high.
  std::int64_t between(std::int64_t low, std::int64_t high);
  // True with this probability; never for p <= 0, always for p >= 1.
  bool chance(double p);
  // Uniform in [0, 1), 53 bits.
  double unit();
  void fill(MutableBytes to);
  // 128 random bits, never nil. Unique in practice only from a Random::fromOs().
  Uuid uuid();
  // A generator independent of this one, drawn from it.
  Random split();

  // Puts the elements of an indexable container in a uniformly random order (Fisher-Yates).
  template <typename Container>
  void shuffle(Container& items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[static_cast<std::size_t>(below(i))]);
    }
  }

private:
  explicit Random(const std::array<std::uint64_t, 4>& state) : state_(state) {}

  std::array<std::uint64_t, 4> state_;
};

}  // namespace cairn::io
