#include "client/library/room_ahead.h"

#include <utility>

namespace cairn::library {

RoomAhead::RoomAhead(client::FileWriter& writer)
    : writer_(writer), bell_([this](std::monostate) {
        if (takeOver()) ask();
      }) {}

std::optional<std::span<std::byte>> RoomAhead::pass(std::size_t filled) {
  std::optional<std::span<std::byte>> room;
  {
    const std::lock_guard lock(mutex_);
    if (!room_) return std::nullopt;
    room = std::exchange(room_, std::nullopt);
    passed_ = filled;
  }
  bell_.post({});
  return room;
}

bool RoomAhead::takeOver() {
  std::size_t passed = 0;
  {
    const std::lock_guard lock(mutex_);
    passed = std::exchange(passed_, 0);
  }
  writer_.fill(passed);
  return passed > 0;
}

void RoomAhead::ask() {
  // A failure is told by the call that the caller makes next.
  asking_ = writer_.roomBehind()
                .then(
                    [this](Result<MutableBytes> room) {
                      if (!room.has_value()) return;
                      const std::lock_guard lock(mutex_);
                      room_ = *room;
                    },
                    [](kj::Exception&&) {})
                .eagerlyEvaluate(nullptr);
}

void RoomAhead::settle() {
  asking_ = nullptr;
  takeOver();
  const std::lock_guard lock(mutex_);
  room_ = std::nullopt;
}

}  // namespace cairn::library
