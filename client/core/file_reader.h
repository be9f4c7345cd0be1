// A file open for reading: in order with read-ahead, and at any offset.
// Layer: client/core.  Threads: one event loop.  Made by FileSystem::open().
//
// Bytes come from the nearest replica that serves them; one that is dead, slow, stale or damaged is
// passed over for another, and damage is reported to the namenode. Every byte that is handed out
// was checked against the frame's two checksums by this client.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <memory>

#include "cairn/types.h"
#include "client/core/local_reads.h"
#include "common/async/coroutine.h"
#include "common/base/bytes.h"
#include "common/base/result.h"

namespace cairn::client {

// Decoded bytes and what keeps them alive. May be used and destroyed on any thread.
struct PlainBytes {
  std::shared_ptr<const void> owner;
  ByteView bytes;
};

class FileReader {
public:
  virtual ~FileReader() noexcept(false) = default;

  // The next bytes in order: at least one, at most about PACKET_PLAIN_BYTES; none at the end.
  // One call at a time. After an error, calling again tries the same bytes again.
  virtual kj::Promise<Result<PlainBytes>> next() = 0;

  // Fills `to` from `offset` on; less only at the end of the file. Any number at once, beside
  // next(). `to` must stay until the promise has settled or is dropped, and may have been written
  // to in part after an error.
  virtual kj::Promise<Result<std::size_t>> pread(std::uint64_t offset, MutableBytes to) = 0;

  // Makes next() go on at `offset` and fetch ahead no further than `end`. REQUIRES: no next() is
  // under way.
  virtual void seek(std::uint64_t offset, std::uint64_t end = UINT64_MAX) = 0;
  virtual std::uint64_t position() const = 0;

  // Looks at the file again: what was written, flushed or cut since it was opened is seen from now
  // on. Returns length(). No other call may be under way.
  virtual kj::Promise<Result<std::uint64_t>> refresh() = 0;
  // Plain bytes that can be read: of a file that is being written, what its writer has flushed at
  // least.
  virtual std::uint64_t length() const = 0;
  // What pread() can serve without this loop: may outlive the reader.
  virtual std::shared_ptr<LocalReads> localReads() = 0;
  // As the namenode told it last.
  virtual const Entry& entry() const = 0;
};

}  // namespace cairn::client
