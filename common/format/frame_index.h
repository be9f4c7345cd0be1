// Where the frames of a chunk lie: plain offset -> offset in the replica's file.
// Layer: format (pure).  Threads: a value.
// Cost: 16 bytes a frame (16 KiB for a chunk of 128 MiB); looking up is O(log frames).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/result.h"

namespace cairn::format {

// Frames of one chunk, at most: with a flush (which ends a frame) every 32 bytes, a chunk of 128
// MiB is full. 64 MiB of index in memory.
inline constexpr std::uint32_t FRAMES_PER_CHUNK_MAX = 1U << 22;

// Some consecutive frames.
struct FrameSpan {
  std::uint32_t firstFrame = 0;
  std::uint32_t frameCount = 0;
  std::uint64_t plainOffset = 0;  // of their first plain byte in the chunk
  std::uint64_t plainLength = 0;
  std::uint64_t fileOffset = 0;
  std::uint64_t fileLength = 0;

  bool operator==(const FrameSpan&) const = default;
};

class FrameIndex {
public:
  // Without frames: the chunk's header alone.
  FrameIndex();

  // Takes the frame that follows. `frameBytes`: with its header.
  // LIMIT_EXCEEDED at FRAMES_PER_CHUNK_MAX: the chunk has to end here.
  [[nodiscard]] Result<void> add(std::uint32_t plainLength, std::uint32_t frameBytes);

  std::uint32_t frameCount() const { return static_cast<std::uint32_t>(ends_.size() - 1); }
  // Plain bytes of all frames.
  std::uint64_t plainLength() const { return ends_.back().plain; }
  // Where in the file the frames end: the next frame's place, or the footer's.
  std::uint64_t framesEnd() const { return ends_.back().file; }

  // REQUIRES: number < frameCount().
  FrameSpan frame(std::uint32_t number) const { return span(number, number + 1); }

  // The frames that hold the chunk's bytes [offset, offset + length), as many of them as hold no
  // more than `plainMax` plain bytes together, but one at least. No frame when there are no such
  // bytes; then plainOffset is plainLength(), and fileOffset framesEnd().
  FrameSpan cover(std::uint64_t offset, std::uint64_t length, std::uint64_t plainMax) const;

  // How many frames hold exactly the first `plainBytes` of the chunk; nothing when that lies inside
  // a frame or behind the last.
  std::optional<std::uint32_t> framesOf(std::uint64_t plainBytes) const;

  // Forgets the frames from this one on. REQUIRES: count <= frameCount().
  void truncate(std::uint32_t count) { ends_.resize(std::size_t{count} + 1); }

  bool operator==(const FrameIndex&) const = default;

private:
  struct End {
    std::uint64_t plain;
    std::uint64_t file;
    bool operator==(const End&) const = default;
  };
  FrameSpan span(std::uint32_t first, std::uint32_t end) const;

  std::vector<End> ends_;  // of the header, then of each frame
};

}  // namespace cairn::format
