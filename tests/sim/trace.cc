#include "tests/sim/trace.h"

#include <bit>
#include <cstdio>
#include <string>

namespace cairn::sim {
namespace {

constexpr std::uint64_t MULTIPLIER = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio

std::uint64_t step(std::uint64_t hash, std::uint64_t value) {
  hash = std::rotl(hash ^ (value * MULTIPLIER), 27) * 5 + 0x52dce729;
  return hash ^ (hash >> 29);
}

}  // namespace

std::uint64_t Trace::hashOf(ByteView bytes) {
  std::uint64_t hash = bytes.size();
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    hash = step(hash, loadLittle<std::uint64_t>(bytes.data() + at));
  }
  for (; at < bytes.size(); ++at) hash = step(hash, std::to_integer<std::uint64_t>(bytes[at]));
  return hash;
}

void Trace::mix(std::uint64_t value) { hash_ = step(hash_, value); }

void Trace::note(std::string_view kind, std::string_view about,
                 std::initializer_list<std::uint64_t> numbers) {
  ++events_;
  mix(static_cast<std::uint64_t>(nowMicros_));
  mix(hashOf(asBytes(kind)));
  mix(hashOf(asBytes(about)));
  for (const auto number : numbers) mix(number);
  if (!print_) return;
  std::string line =
      std::to_string(nowMicros_) + ' ' + std::string(kind) + ' ' + std::string(about);
  for (const auto number : numbers) line += ' ' + std::to_string(number);
  std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace cairn::sim
