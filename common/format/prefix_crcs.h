// CRC32C of the plain bytes of a chunk's first n frames, for each n: so a chunk can be cut behind
// any frame and its checksum is still known.
// Layer: format (pure).  Threads: a value.  Cost: 4 bytes a frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/format/crc32c.h"

namespace cairn::format {

class PrefixCrcs {
public:
  // Of no frame; or of `frames` frames of which only the sum over all is known.
  explicit PrefixCrcs(std::uint32_t frames = 0, std::uint32_t crc = 0)
      : first_(frames), crcs_{crc} {}

  // Takes the frame that follows, by the sum and the number of its plain bytes.
  void add(std::uint32_t plainCrc, std::uint32_t plainLength) {
    crcs_.push_back(crc32cCombine(crcs_.back(), plainCrc, plainLength));
  }
  // Of all.
  std::uint32_t all() const { return crcs_.back(); }
  // Those of the first `frames` alone; nothing where that is not known, or there are not so many.
  std::optional<PrefixCrcs> first(std::uint32_t frames) const {
    if (frames < first_ || frames - first_ >= crcs_.size()) return std::nullopt;
    auto some = *this;
    some.crcs_.resize(std::size_t{frames} - first_ + 1);
    return some;
  }

private:
  std::uint32_t first_;              // frames that crcs_.front() is of
  std::vector<std::uint32_t> crcs_;  // of first_, first_ + 1 ... frames
};

}  // namespace cairn::format
