// Open files: InputFile reads, OutputFile writes. Both come from Client (client.h), keep what they
// need of it alive, and may be moved. Destroying one blocks for a few milliseconds at most.
// Threads: every call from any thread; calls on one file wait for each other, except pread(),
// which runs beside everything else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cairn/types.h"

namespace cairn {

namespace library {
class Input;
class Output;
}  // namespace library

// A file open for reading, as it was when it was opened or last refreshed: what is written later is
// not seen. A file that is being written can be read up to its visible length, which is what its
// writer has flushed, or more. A byte once read stays readable as long as the writer lives,
// whatever datanodes fail; when the writer dies, what it has flushed stays, and bytes behind that
// may go that not all datanodes of the chunk had yet. To follow the file, as `tail -f` does:
//   for (;;) { while (read() > 0) ...; sleep; file.refresh(); }
// Every byte handed out was checked against two checksums, of the stored and of the plain bytes;
// the one exception stands at pread(). A replica that is dead, slow, old or damaged is passed over
// for another; a damaged one is reported to the namenode. Only when none is left does a read fail:
// UNAVAILABLE, or CORRUPT when all that is left is damage; the message names each datanode and what
// was wrong with it. A failed read may be repeated.
class InputFile {
public:
  InputFile(InputFile&&) noexcept;
  InputFile& operator=(InputFile&&) noexcept;
  ~InputFile();

  // Reads the next bytes, in order from the start of the file or the last seek(). Returns how many
  // were put into `to`, which is less than asked only at the end of the file, or when the rest
  // failed (the next call reports the failure); 0 only at the end or for an empty `to`.
  // One copy, from the decompressed frames into `to`.
  [[nodiscard]] Result<std::size_t> read(std::span<std::byte> to);

  // The next bytes without a copy: a view of at least one byte and at most about a MiB, empty at
  // the end of the file. Valid until the next call on this file other than pread().
  [[nodiscard]] Result<std::span<const std::byte>> readView();

  // Reads to.size() bytes at `offset`; less only at the end of the file. Does not move the
  // position of read(), and fetches only the frames that cover the range.
  // Up to 256 KiB of chunks on this machine that were read before are read on the calling thread,
  // past the library's own: threads do not wait for each other, cancelCalls() does not end such a
  // read, and a disk that hangs holds it up. Decoded frames are kept for the next one
  // (ClientOptions::frameCacheBytes). A frame stored uncompressed is checked as a whole on its
  // first read and again after every 64; reads in between take its bytes from the file unchecked.
  [[nodiscard]] Result<std::size_t> pread(std::uint64_t offset, std::span<std::byte> to);

  // Makes read() go on at `offset`, and fetch ahead no further than `end` (a hint: reading past
  // it works, without read-ahead). What was fetched ahead and does not fit is dropped. An offset
  // behind the end of the file reads as its end. No I/O.
  void seek(std::uint64_t offset, std::uint64_t end = UINT64_MAX);
  std::uint64_t position() const;

  // Looks at the file again: read() goes on where it is, behind what was the end. Returns the new
  // length(): larger when something was written and flushed or closed since, smaller when the file
  // was cut. NOT_FOUND when the path is gone or names another file now; what is open can be read on
  // then. UNAVAILABLE: no datanode that has the end of the file answers. No other call on this file
  // may be under way, nor a pread().
  [[nodiscard]] Result<std::uint64_t> refresh();
  // Plain bytes that can be read.
  std::uint64_t length() const;
  // The attributes as of open() or the last refresh(), which changes them in place; entry().length
  // is what the namenode knows, without what a writer has only flushed.
  const Entry& entry() const;

private:
  friend class Client;
  explicit InputFile(std::unique_ptr<library::Input> impl);
  std::unique_ptr<library::Input> impl_;
};

// A file being written: a new one (Client::create) or one that is continued (Client::append). It is
// visible under its name at once, and is `underConstruction` until close() succeeds; readers see
// what hflush(), hsync() and full chunks have made visible.
// Bytes are compressed and checksummed once, here, on the library's threads, then sent along the
// pipeline of datanodes; at most 16 MiB are unacknowledged at any time, and are kept until they
// are acknowledged.
// A datanode that fails is replaced or left out, whatever the moment, and the bytes that it may
// have missed are sent again: calls take longer then, up to a minute for each node that hangs. A
// write fails only when no datanode that has the chunk is left, or none takes a new one, or the
// namenode refuses (LEASE_EXPIRED: another client took or closed the file; NOT_FOUND: it was
// removed or replaced). After
// that error every call returns it; the message names each datanode that failed and why. The file
// stays incomplete until its lease runs out or somebody recovers or removes it.
class OutputFile {
public:
  OutputFile(OutputFile&&) noexcept;
  OutputFile& operator=(OutputFile&&) noexcept;
  // Without a close() that succeeded: abandons the file, which stays incomplete.
  ~OutputFile();

  // Appends the bytes. Returns when they are taken over, not when they are stored: an error may
  // show itself at any later call, close() at the latest. Blocks while the window is full.
  // One copy, into the buffer that the compressor reads.
  [[nodiscard]] Result<void> write(std::span<const std::byte> bytes);
  [[nodiscard]] Result<void> write(std::string_view text);

  // The same without a copy: fill the room (at least one byte, at most a MiB), then say how much
  // was filled. The room is valid until the next call on this file.
  //   auto room = file.room();  n = ::read(fd, room->data(), room->size());  file.fill(n);
  [[nodiscard]] Result<std::span<std::byte>> room();
  // REQUIRES: `bytes` is at most the size of the room last given.
  [[nodiscard]] Result<void> fill(std::size_t bytes);

  // HDFS's hflush: when it returns, every byte written so far is in the memory of every datanode of
  // its pipeline, and who opens the file from now on (or calls InputFile::refresh()) reads it. It
  // stays readable while one of these datanodes lives. Costs a round trip, and the frame being
  // filled ends early: flushing after every few bytes makes files that compress badly. Without
  // anything new it is quick.
  [[nodiscard]] Result<void> hflush();
  // HDFS's hsync: the same, and the bytes are on these datanodes' disks, and stat() tells a length
  // that includes them. Costs an fsync on each and a change at the namenode.
  [[nodiscard]] Result<void> hsync();

  // Makes all bytes durable on at least one datanode of each chunk's pipeline (in the normal case
  // on all), and the file complete. Blocks until then. The file's attributes afterwards.
  // On an error the file is not complete; calling it again returns the same error.
  [[nodiscard]] Result<Entry> close();

  // Gives the file up: no more bytes are sent. It stays incomplete under its name.
  void abandon();

  // Offset in the file behind the last byte taken over: what the length will be.
  std::uint64_t position() const;
  // Offset behind the last byte that every datanode of its pipeline has; for progress.
  std::uint64_t acknowledged() const;

private:
  friend class Client;
  explicit OutputFile(std::unique_ptr<library::Output> impl);
  std::unique_ptr<library::Output> impl_;
};

}  // namespace cairn
