// What a file of the workload holds: a few numbers from which its bytes follow, so that they can be
// checked long after. Two contents agree in no stretch of more than a few bytes.
// Layer: tests/sim (std only).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/io/random.h"

namespace cairn::sim {

struct Content {
  std::uint64_t seed = 0;
  std::uint64_t length = 0;

  // What was appended later, behind a cut perhaps: from `begin` on the bytes are another seed's.
  struct Part {
    std::uint64_t seed = 0;
    std::uint64_t begin = 0;

    bool operator==(const Part&) const = default;
  };
  std::vector<Part> appended = {};  // in order

  bool operator==(const Content&) const = default;

  // Its first bytes. REQUIRES: no more than there are.
  Content cut(std::uint64_t to) const;
  // With bytes appended that are not those which stood there before a cut, as often as not.
  Content grown(io::Random& random, std::uint64_t to) const;

  // Lengths favour the borders of chunks and frames. `chunkSize`, `frameSize`: plain bytes.
  static Content draw(io::Random& random, std::uint64_t chunkSize, std::uint64_t frameSize);
  // Several packets a chunk, where small files have one.
  static Content drawLarge(io::Random& random);
  std::string bytes() const;
};

}  // namespace cairn::sim
