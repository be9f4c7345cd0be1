// Collects a file's plain bytes into packets and encodes them on the work pool, several at a time,
// to be taken out in order.
// Layer: client/core.  Threads: one event loop, but for the memory of room().
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "client/core/buffer_pool.h"
#include "client/core/packet_encoder.h"
#include "client/core/signal.h"
#include "common/async/coroutine.h"
#include "common/async/work_pool.h"

namespace cairn::client {

class PacketFeed {
public:
  // How bytes go into chunks.
  struct Chunking {
    std::uint64_t chunkSize = 0;  // plain bytes at most
    // Of the first chunk, when it was there before: plain bytes, and frames.
    std::uint64_t chunkOffset = 0;
    std::uint32_t firstFrame = 0;
  };
  // A packet never crosses the border of two chunks. A chunk ends when it is full, or when the
  // frames of another packet might be too many for it (flushes make small ones).
  // `plainBytesMax`: of packets handed out by room() and not yet taken; one packet is allowed in
  // any case.
  PacketFeed(async::WorkPool& workPool, std::shared_ptr<BufferPool> buffers,
             std::uint64_t plainBytesMax, Chunking chunking);
  KJ_DISALLOW_COPY(PacketFeed);

  // --- The writer's side ---

  // Free memory of the packet being filled, at least a byte; waits for its turn. Empty after
  // stop().
  kj::Promise<MutableBytes> room();
  // All memory of the packet behind that one, which room() yields when fill() has made that one
  // full; after flush() it may be less of it. Waits for its turn; until it is given, or the promise
  // dropped, no fill(). Empty after stop(). REQUIRES: room() was given.
  kj::Promise<MutableBytes> roomBehind();
  // Takes over what was filled. A full packet is sent on its way. REQUIRES: at most the room.
  void fill(std::size_t bytes);
  // What there is goes on its way as a packet of its own. The room that was given is gone.
  void flush();
  // No more bytes: what there is goes as the last packet.
  void end();
  // Plain bytes taken over.
  std::uint64_t position() const { return position_; }

  // --- The sender's side ---

  struct Packet {
    kj::Promise<EncodedPacket> encoded;
    bool endsChunk;
  };
  // Whether bytes are coming, though perhaps no full packet yet; false when none will come any
  // more. Waits until one or the other.
  kj::Promise<bool> begun();
  // Whether a packet waits; false when none will come any more. Waits until one or the other.
  kj::Promise<bool> more();
  // REQUIRES: more() said so, and setEncoding() was called.
  Packet take();
  // Says how to encode. Nothing is encoded before. The first call counts.
  void setEncoding(Encoding encoding);
  // Gives the room of a taken packet back to the writer's side.
  void release(std::uint64_t plainBytes);
  // Drops everything; room() yields nothing from now on, more() says false.
  void stop();

private:
  struct Waiting {
    std::shared_ptr<Buffer> plain;
    std::size_t length;
    std::uint64_t chunkOffset;
    bool endsChunk;
    kj::Maybe<kj::Promise<EncodedPacket>> encoding;
  };
  // Of a packet that begins there in its chunk.
  std::size_t packetCapacity(std::uint64_t chunkOffset) const;
  // Whether the chunk has to end with a packet of `length`, which begins at chunkOffset_.
  bool endsChunk(std::size_t length) const;
  void submit();
  void encode(Waiting& packet);

  async::WorkPool& workPool_;
  const std::shared_ptr<BufferPool> buffers_;
  const std::uint64_t chunkSize_;
  const std::uint64_t plainBytesMax_;
  std::uint64_t chunkOffset_;  // where in its chunk the packet being filled begins
  std::uint32_t nextFrame_;    // number in its chunk of the next frame to be encoded

  std::shared_ptr<Buffer> current_;
  std::size_t filled_ = 0;    // of current_
  std::size_t capacity_ = 0;  // of current_: where the packet ends
  std::shared_ptr<Buffer> behind_;
  std::size_t behindCapacity_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t outstanding_ = 0;  // plain bytes of packets handed out and not released
  bool ended_ = false;
  bool stopped_ = false;

  std::optional<Encoding> encoding_;
  std::deque<Waiting> queue_;
  Signal arrived_;
  Signal freed_;
};

}  // namespace cairn::client
