// cairn::OutputFile's state: the writer on the loop, and the packet that the caller is filling.
// Layer: client/library.  Threads: any; see files.h.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "cairn/types.h"
#include "client/core/file_writer.h"
#include "client/library/core.h"
#include "client/library/room_ahead.h"

namespace cairn::library {

class Output {
public:
  Output(std::shared_ptr<Core> core, kj::Own<client::FileWriter> writer);
  // Destroys the writer on its loop, which abandons the file unless it is closed.
  ~Output();

  Result<void> write(std::span<const std::byte> bytes);
  Result<std::span<std::byte>> room();
  Result<void> fill(std::size_t bytes);
  Result<void> flush(client::FlushTo to);
  Result<Entry> close();
  void abandon();
  std::uint64_t position() const { return position_.load(std::memory_order_relaxed); }
  std::uint64_t acknowledged() const;

private:
  // The same with mutex_ held.
  Result<void> needRoom();
  Result<void> filled(std::size_t bytes);
  // On the loop, before the writer is called: all that was filled is the writer's.
  void handOver();

  const std::shared_ptr<Core> core_;
  kj::Own<client::FileWriter> writer_;  // used and destroyed on the loop
  kj::Own<RoomAhead> ahead_;            // made and destroyed there; null until a packet was full
  std::atomic<std::uint64_t> position_{0};
  std::mutex mutex_;  // guards what follows
  // The packet's memory, filled up to filled_ of which the loop does not know yet. One message to
  // the loop a packet is all that writing costs, however small the pieces.
  std::span<std::byte> room_;
  std::size_t filled_ = 0;
};

}  // namespace cairn::library
