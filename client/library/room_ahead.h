// The memory of the packet behind the one that a caller fills, asked for in time: between two
// packets the caller waits for the loop only where the loop is behind.
// Layer: client/library.  Threads: as each call says.  Made and destroyed on the loop.
#pragma once

#include <kj/async.h>

#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <variant>

#include "client/core/file_writer.h"
#include "common/async/mailbox.h"

namespace cairn::library {

class RoomAhead {
public:
  // `writer` outlives it.
  explicit RoomAhead(client::FileWriter& writer);
  KJ_DISALLOW_COPY(RoomAhead);

  // The caller's: hands over the packet, which is full with these bytes, and returns the memory of
  // the next. Nothing, and nothing is handed over, while the loop has not given any; so it is once
  // the writer has failed.
  std::optional<std::span<std::byte>> pass(std::size_t filled);

  // The loop's: asks for the packet behind the one whose room was given just now.
  void ask();
  // The loop's, before any other call of the writer: it has taken over all that was passed, and is
  // asked for nothing. Memory that was given and not passed is the writer's again.
  void settle();

private:
  // Whether there was any.
  bool takeOver();

  client::FileWriter& writer_;
  std::mutex mutex_;
  std::optional<std::span<std::byte>> room_;  // given, and not passed
  std::size_t passed_ = 0;                    // bytes that the writer has not taken over yet
  kj::Maybe<kj::Promise<void>> asking_;
  async::Mailbox<std::monostate> bell_;  // rung when something was passed
};

}  // namespace cairn::library
