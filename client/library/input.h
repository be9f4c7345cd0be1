// cairn::InputFile's state: the reader on the loop, and the view being handed out.
// Layer: client/library.  Threads: any; see files.h.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "cairn/types.h"
#include "client/core/file_reader.h"
#include "client/library/core.h"

namespace cairn::library {

class Input {
public:
  Input(std::shared_ptr<Core> core, kj::Own<client::FileReader> reader);
  // Destroys the reader on its loop.
  ~Input();

  Result<std::size_t> read(std::span<std::byte> to);
  Result<std::span<const std::byte>> readView();
  Result<std::size_t> pread(std::uint64_t offset, std::span<std::byte> to);
  void seek(std::uint64_t offset, std::uint64_t end);
  std::uint64_t position() const;
  Result<std::uint64_t> refresh();
  std::uint64_t length() const { return length_.load(std::memory_order_acquire); }
  const Entry& entry() const { return entry_; }

private:
  // Makes rest_ hold bytes, unless the file is at its end.
  Result<void> fetch();

  const std::shared_ptr<Core> core_;
  kj::Own<client::FileReader> reader_;  // used and destroyed on the loop
  const std::shared_ptr<client::LocalReads> local_;
  Entry entry_;  // changed by refresh() alone
  std::atomic<std::uint64_t> length_;
  mutable std::mutex mutex_;  // guards what follows
  client::PlainBytes current_;
  std::span<const std::byte> rest_;  // of current_: not handed out yet
  std::uint64_t position_ = 0;       // of rest_ in the file
};

}  // namespace cairn::library
