#include "datanode/service/read_frames.h"

#include <kj/debug.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "common/base/limits.h"

namespace cairn::dn {

kj::Promise<Result<FramesRead>> readFrames(Node& node, BufferBudget& unsent, ReadRequest request) {
  CO_TRY(node.check(request.node));
  FramesRead frames;
  // Before it counts as under way: those who wait here are this connection's own business.
  const auto wanted = std::clamp<std::uint64_t>(request.length, 1, limits::PACKET_PLAIN_BYTES);
  CO_ASSIGN(frames.unsent, co_await unsent.take(wanted));
  ++node.reads;
  KJ_DEFER(--node.reads);
  if (node.reads > Node::READS_MAX) {
    constexpr std::uint32_t RETRY_MS = 200;
    co_return fail(Code::OVERLOADED,
                   "this datanode serves " + std::to_string(Node::READS_MAX) +
                       " reads already, which is the limit",
                   RETRY_MS);
  }
  CO_ASSIGN(const auto at, co_await node.store.locate(request.key, request.offset, request.length,
                                                      request.urgency));
  frames.span = at.span;
  if (frames.span.frameCount > 0) {
    const auto bytes = frames.span.fileLength;
    CO_ASSIGN(frames.lease, co_await node.budget.take(bytes));
    // Ordered away, or its volume has failed, while it waited.
    if (node.store.find(request.key) == nullptr) co_return fail(node.store.absent(request.key));
    auto buffer = std::make_shared<FrameBuffer>();
    buffer->words =
        kj::heapArray<capnp::word>((bytes + sizeof(capnp::word) - 1) / sizeof(capnp::word));
    // What is sent behind the last byte must not be somebody's old memory.
    std::memset(&buffer->words.back(), 0, sizeof(capnp::word));
    auto read = co_await node.store.run(
        at.volume, request.urgency, [at, buffer, chunk = request.key.chunk](Volume&) {
          auto* begin = reinterpret_cast<std::byte*>(buffer->words.begin());
          return dn::readFrames(*at.file, chunk, at.frameSize, at.span,
                                {begin, at.span.fileLength});
        });
    if (!read.has_value()) {
      if (read.error().code() == Code::CORRUPT) {
        node.store.damaged(request.key, at.incarnation, read.error());
      }
      co_return fail(kj::mv(read).error());
    }
    frames.buffer = std::move(buffer);
  }
  CO_TRY(co_await passFault(node.host.timer, faultPoint("dn.read.before_send")));
  co_return kj::mv(frames);
}

}  // namespace cairn::dn
