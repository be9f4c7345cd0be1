#include "client/library/output.h"

#include <algorithm>
#include <cstring>

namespace cairn::library {

Output::Output(std::shared_ptr<Core> core, kj::Own<client::FileWriter> writer)
    : core_(std::move(core)), writer_(kj::mv(writer)), position_(writer_->position()) {}

Output::~Output() {
  core_->run([this]() {
    ahead_ = nullptr;
    writer_ = nullptr;
  });
}

Result<void> Output::needRoom() {
  if (filled_ < room_.size()) return {};
  // Without a room nobody knows whether the packet is full: a call was cancelled.
  if (ahead_.get() != nullptr && !room_.empty()) {
    if (const auto next = ahead_->pass(filled_)) {
      room_ = *next;
      filled_ = 0;
      return {};
    }
  }
  auto room = core_->call([this](client::FileSystem&) {
    // Who has filled a packet will fill another one.
    if (filled_ > 0 && ahead_.get() == nullptr) ahead_ = kj::heap<RoomAhead>(*writer_);
    handOver();
    return writer_->room().then([this](Result<MutableBytes> given) {
      if (given.has_value() && ahead_.get() != nullptr) ahead_->ask();
      return given;
    });
  });
  room_ = {};
  if (!room.has_value()) return std::unexpected(std::move(room).error());
  room_ = *room;
  return {};
}

void Output::handOver() {
  if (ahead_.get() != nullptr) ahead_->settle();
  writer_->fill(std::exchange(filled_, 0));
}

Result<void> Output::filled(std::size_t bytes) {
  filled_ += bytes;
  position_.fetch_add(bytes, std::memory_order_relaxed);
  // A full packet goes on its way at once.
  return needRoom();
}

Result<void> Output::write(std::span<const std::byte> bytes) {
  std::lock_guard lock(mutex_);
  while (!bytes.empty()) {
    if (auto got = needRoom(); !got.has_value()) return got;
    auto size = std::min(bytes.size(), room_.size() - filled_);
    std::memcpy(room_.data() + filled_, bytes.data(), size);
    bytes = bytes.subspan(size);
    if (auto got = filled(size); !got.has_value()) return got;
  }
  return {};
}

Result<std::span<std::byte>> Output::room() {
  std::lock_guard lock(mutex_);
  if (auto got = needRoom(); !got.has_value()) return std::unexpected(std::move(got).error());
  return room_.subspan(filled_);
}

Result<void> Output::fill(std::size_t bytes) {
  std::lock_guard lock(mutex_);
  return filled(bytes);
}

Result<void> Output::flush(client::FlushTo to) {
  std::lock_guard lock(mutex_);
  room_ = {};
  return core_->call([this, to](client::FileSystem&) {
    handOver();
    return writer_->flush(to);
  });
}

Result<Entry> Output::close() {
  std::lock_guard lock(mutex_);
  room_ = {};
  return core_->call([this](client::FileSystem&) {
    handOver();
    return writer_->close();
  });
}

void Output::abandon() {
  std::lock_guard lock(mutex_);
  room_ = {};
  filled_ = 0;
  core_->run([this]() {
    if (ahead_.get() != nullptr) ahead_->settle();
    writer_->abandon();
  });
}

std::uint64_t Output::acknowledged() const {
  return core_->run([this]() { return writer_->acknowledged(); });
}

}  // namespace cairn::library
