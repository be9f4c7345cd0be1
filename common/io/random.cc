#include "common/io/random.h"

#include <sys/random.h>

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace cairn::io {
namespace {

// Sebastiano Vigna's SplitMix64: spreads a small seed over the state, as the authors of
// xoshiro advise; never yields the all-zero state.
std::uint64_t splitMix64(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) : state_{} {
  for (auto& word : state_) word = splitMix64(seed);
}

Random Random::fromOs() {
  std::array<std::uint64_t, 4> state{};
  // Up to 256 bytes come whole once the kernel's pool is ready; EINTR only while it waits for that.
  while (::getrandom(state.data(), sizeof state, 0) != static_cast<ssize_t>(sizeof state)) {
    if (errno != EINTR) {
      std::perror("getrandom");  // every supported kernel has it: nothing sensible to go on with
      std::abort();
    }
  }
  state[0] |= 1;  // the all-zero state would stay zero for ever
  return Random(state);
}

std::uint64_t Random::next64() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Random::below(std::uint64_t n) {
  // The first 2^64 mod n values would make some results likelier: draw again.
  const std::uint64_t surplus = (0 - n) % n;
  std::uint64_t value = next64();
  while (value < surplus) value = next64();
  return value % n;
}

std::int64_t Random::between(std::int64_t low, std::int64_t high) {
  const std::uint64_t width =
      static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  const std::uint64_t offset = width == 0 ? next64() : below(width);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

double Random::unit() { return static_cast<double>(next64() >> 11) * 0x1p-53; }

bool Random::chance(double p) { return unit() < p; }

void Random::fill(MutableBytes to) {
  while (!to.empty()) {
    std::array<std::byte, 8> word;
    storeLittle(word.data(), next64());
    const std::size_t n = to.size() < word.size() ? to.size() : word.size();
    std::memcpy(to.data(), word.data(), n);
    to = to.subspan(n);
  }
}

Uuid Random::uuid() {
  Uuid uuid;
  while (uuid.isNil()) fill(std::as_writable_bytes(std::span(uuid.bytes)));
  return uuid;
}

Random Random::split() { return Random(next64()); }

}  // namespace cairn::io
