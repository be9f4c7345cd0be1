// A packet on its way through a pipeline, and the memory that its frames lie in: the message that
// brought it, as a rule. It is shared, for a job that writes the packet, or a message that passes
// it on, may be under way when the call is over.
// Layer: datanode/pipeline.  Threads: a value; the memory may be let go of on any thread.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "common/base/bytes.h"
#include "datanode/store/replica_appender.h"

namespace cairn::dn {

struct HeldPacket {
  PacketView view;
  std::shared_ptr<const void> memory;

  // `memory`: what keeps view.frames as they are.
  HeldPacket(const PacketView& view, std::shared_ptr<const void> memory)
      : view(view), memory(std::move(memory)) {}
  // For frames in memory that does not stay.
  static HeldPacket copyOf(const PacketView& view) {
    auto copy = std::make_shared<const ByteVector>(view.frames.begin(), view.frames.end());
    auto held = view;
    held.frames = *copy;
    return {held, std::move(copy)};
  }
};

}  // namespace cairn::dn
