#include "common/format/compress_trials.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace cairn::format {
namespace {

constexpr std::size_t PIECES = 8;
constexpr std::size_t PIECE_BYTES = 256;
constexpr std::size_t SAMPLE_BYTES = PIECES * PIECE_BYTES;
constexpr std::size_t NOISE_BYTES_MIN = 2 * SAMPLE_BYTES;
constexpr std::size_t VALUES = 256;

// The sum of the squares of how often each value occurs. Of n even random bytes it is
// n + n (n - 1) / 256 on average, with a deviation of 1 %. A twentieth above that no chance leads
// to (5 deviations), and no more than half a percent could be gained from the values' frequencies.
constexpr std::uint64_t EVEN_SQUARES = SAMPLE_BYTES + SAMPLE_BYTES * (SAMPLE_BYTES - 1) / VALUES;
constexpr std::uint64_t NOISE_SQUARES_MAX = EVEN_SQUARES + EVEN_SQUARES / 20;

}  // namespace

bool looksLikeNoise(ByteView plain) {
  if (plain.size() < NOISE_BYTES_MIN) return false;
  // Two counts, taken in turn: equal neighbours would wait for each other.
  std::array<std::array<std::uint16_t, VALUES>, 2> counts{};
  const auto step = (plain.size() - PIECE_BYTES) / (PIECES - 1);
  for (std::size_t piece = 0; piece < PIECES; ++piece) {
    const auto* at = plain.data() + piece * step;
    for (std::size_t i = 0; i < PIECE_BYTES; i += 2) {
      ++counts[0][std::to_integer<std::size_t>(at[i])];
      ++counts[1][std::to_integer<std::size_t>(at[i + 1])];
    }
  }
  std::uint64_t squares = 0;
  for (std::size_t value = 0; value < VALUES; ++value) {
    const std::uint64_t count = std::uint64_t{counts[0][value]} + counts[1][value];
    squares += count * count;
  }
  return squares <= NOISE_SQUARES_MAX;
}

}  // namespace cairn::format
