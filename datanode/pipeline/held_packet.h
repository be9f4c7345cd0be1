// A packet on its way through a pipeline, and the memory that its frames lie in: the message that
// brought it, as a rule. It is shared, for a job that writes the packet, or a message that passes
// it on, may be under way when the call is over.
// Layer: datanode/pipeline.  Threads: a value; the memory may be let go of on any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "common/base/bytes.h"
#include "datanode/store/replica_appender.h"

namespace cairn::dn {

struct HeldPacket {
  // The frames begin at a whole word, as they do in messages, and their last word is there as a
  // whole: a message may refer to them.
  PacketView view;
  std::shared_ptr<const void> memory;

  // `memory`: what keeps view.frames as they are.
  HeldPacket(const PacketView& view, std::shared_ptr<const void> memory)
      : view(view), memory(std::move(memory)) {}
  // For frames in memory that does not stay.
  static HeldPacket copyOf(const PacketView& view) {
    constexpr std::size_t WORD = 8;
    auto copy = std::make_shared<ByteVector>((view.frames.size() + WORD - 1) / WORD * WORD);
    std::ranges::copy(view.frames, copy->begin());
    auto held = view;
    held.frames = ByteView(*copy).first(view.frames.size());
    return {held, std::move(copy)};
  }
};

}  // namespace cairn::dn
