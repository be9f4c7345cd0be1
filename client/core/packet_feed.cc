#include "client/core/packet_feed.h"

#include <kj/debug.h>

#include <algorithm>

#include "common/base/limits.h"
#include "common/format/frame_index.h"

namespace cairn::client {

PacketFeed::PacketFeed(async::WorkPool& workPool, std::shared_ptr<BufferPool> buffers,
                       std::uint64_t plainBytesMax, Chunking chunking)
    : workPool_(workPool),
      buffers_(std::move(buffers)),
      chunkSize_(chunking.chunkSize),
      plainBytesMax_(plainBytesMax),
      chunkOffset_(chunking.chunkOffset),
      nextFrame_(chunking.firstFrame) {}

std::size_t PacketFeed::packetCapacity(std::uint64_t chunkOffset) const {
  return std::min(limits::PACKET_PLAIN_BYTES, chunkSize_ - chunkOffset);
}

bool PacketFeed::endsChunk(std::size_t length) const {
  if (chunkOffset_ + length == chunkSize_) return true;
  // Before the encoding is known only what was written while the first pipeline opens is here.
  if (!encoding_) return false;
  const auto next = framesOf(limits::PACKET_PLAIN_BYTES, encoding_->frameSize);
  return nextFrame_ + framesOf(length, encoding_->frameSize) + next > format::FRAMES_PER_CHUNK_MAX;
}

kj::Promise<MutableBytes> PacketFeed::room() {
  while (!current_ && !stopped_) {
    auto capacity = packetCapacity(chunkOffset_);
    if (outstanding_ > 0 && outstanding_ + capacity > plainBytesMax_) {
      co_await freed_.wait();
      continue;
    }
    current_ = buffers_->take(capacity);
    capacity_ = capacity;
    outstanding_ += capacity;
  }
  if (stopped_) co_return MutableBytes{};
  co_return current_->bytes().subspan(filled_, capacity_ - filled_);
}

kj::Promise<MutableBytes> PacketFeed::roomBehind() {
  // No more than the packet may hold if the chunk should end earlier, for its frames.
  const auto end = chunkOffset_ + capacity_;
  const auto capacity = packetCapacity(end == chunkSize_ ? 0 : end);
  while (!behind_ && !stopped_) {
    if (outstanding_ + capacity > plainBytesMax_) {
      co_await freed_.wait();
      continue;
    }
    behind_ = buffers_->take(capacity);
    behindCapacity_ = capacity;
    outstanding_ += capacity;
  }
  if (stopped_) co_return MutableBytes{};
  co_return behind_->bytes().first(behindCapacity_);
}

void PacketFeed::fill(std::size_t bytes) {
  if (stopped_ || bytes == 0) return;
  if (filled_ == 0) arrived_.notify();
  filled_ += bytes;
  position_ += bytes;
  if (filled_ == capacity_) submit();
}

void PacketFeed::flush() {
  if (current_ && filled_ > 0) submit();
}

void PacketFeed::end() {
  flush();
  ended_ = true;
  arrived_.notify();
}

void PacketFeed::submit() {
  outstanding_ -= capacity_ - filled_;
  const bool ends = endsChunk(filled_);
  queue_.push_back({.plain = std::move(current_),
                    .length = filled_,
                    .chunkOffset = chunkOffset_,
                    .endsChunk = ends,
                    .encoding = nullptr});
  chunkOffset_ = ends ? 0 : chunkOffset_ + filled_;
  filled_ = 0;
  current_ = std::move(behind_);
  behind_ = nullptr;
  if (current_) {
    capacity_ = std::min(behindCapacity_, packetCapacity(chunkOffset_));
    outstanding_ -= behindCapacity_ - capacity_;
  }
  if (encoding_) encode(queue_.back());
  arrived_.notify();
}

void PacketFeed::setEncoding(Encoding encoding) {
  if (encoding_) return;
  encoding_ = encoding;
  for (auto& packet : queue_) encode(packet);
}

void PacketFeed::encode(Waiting& packet) {
  PacketPlace place{.firstFrame = nextFrame_, .offset = packet.chunkOffset};
  nextFrame_ = packet.endsChunk ? 0 : nextFrame_ + framesOf(packet.length, encoding_->frameSize);
  // The job owns all it touches: it may outlive this object.
  packet.encoding = workPool_.run([buffers = buffers_, encoding = *encoding_, place,
                                   plain = std::move(packet.plain), length = packet.length]() {
    return encodePacket(*buffers, encoding, place, plain->bytes().first(length), plain);
  });
}

kj::Promise<bool> PacketFeed::begun() {
  while (queue_.empty() && filled_ == 0 && !ended_ && !stopped_) co_await arrived_.wait();
  co_return !queue_.empty() || filled_ > 0;
}

kj::Promise<bool> PacketFeed::more() {
  while (queue_.empty() && !ended_ && !stopped_) co_await arrived_.wait();
  co_return !queue_.empty();
}

PacketFeed::Packet PacketFeed::take() {
  auto packet = std::move(queue_.front());
  queue_.pop_front();
  return {kj::mv(KJ_REQUIRE_NONNULL(packet.encoding)), packet.endsChunk};
}

void PacketFeed::release(std::uint64_t plainBytes) {
  outstanding_ -= plainBytes;
  freed_.notify();
}

void PacketFeed::stop() {
  stopped_ = true;
  queue_.clear();
  // The writer's side may be filling current_ or behind_ on another thread: they stay.
  freed_.notify();
  arrived_.notify();
}

}  // namespace cairn::client
