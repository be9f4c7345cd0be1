#include "client/core/frame_decoder.h"

#include <algorithm>
#include <optional>
#include <string>

#include "common/format/frame.h"

namespace cairn::client {

Result<std::size_t> decodeRange(const FrameRun& run, std::uint64_t offset, MutableBytes to) {
  if (offset < run.offset || offset - run.offset >= run.plainLength) {
    return fail(Code::CORRUPT, "frames of other bytes than those asked for");
  }
  auto frames = run.frames;
  auto left = run.plainLength;      // plain bytes of the frames not looked at yet
  auto skip = offset - run.offset;  // of them, those that are not wanted
  std::optional<std::uint32_t> sequence;
  std::size_t filled = 0;
  while (left > 0 && filled < to.size()) {
    ASSIGN(auto frame, format::frameAt(frames));
    const auto plainLength = frame.header.plainLength;
    if (plainLength > left) return fail(Code::CORRUPT, "frames hold more bytes than was said");
    if (sequence && frame.header.sequence != *sequence + 1) {
      return fail(Code::CORRUPT, "frame " + std::to_string(frame.header.sequence) +
                                     " follows frame " + std::to_string(*sequence));
    }
    sequence = frame.header.sequence;
    frames = frames.subspan(frame.bytes.size());
    left -= plainLength;
    if (skip >= plainLength) {
      skip -= plainLength;
      continue;
    }
    auto room = to.subspan(filled);
    if (skip == 0 && plainLength <= room.size()) {
      TRY(format::decodeFrame(frame, run.chunk, room.first(plainLength)));
      filled += plainLength;
      continue;
    }
    ByteVector whole(plainLength);
    TRY(format::decodeFrame(frame, run.chunk, whole));
    auto wanted = ByteView(whole).subspan(skip);
    wanted = wanted.first(std::min(wanted.size(), room.size()));
    std::ranges::copy(wanted, room.begin());
    filled += wanted.size();
    skip = 0;
  }
  if (left == 0 && !frames.empty()) {
    return fail(Code::CORRUPT, "frames are followed by " + std::to_string(frames.size()) +
                                   " bytes that belong to none");
  }
  return filled;
}

}  // namespace cairn::client
