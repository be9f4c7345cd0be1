// Disk: a rooted tree of files. File: one open file. Everything in Cairn that must survive the
// process goes through these two, so that the same code runs on a real disk (posix_disk.h), in
// memory with exact crash semantics (memory_disk.h) and on a disk that fails (faulty_disk.h).
// Layer: io (std only).  Threads: see each class.  Errors: Status whose message carries the path
// and the system's reason.  Cost: what the system calls cost; every call may block, so none is
// made on an event loop.
//
// Durability is POSIX's, read strictly:
// - written bytes survive a crash only after File::sync() of that file;
// - a created, renamed or removed name survives only after Disk::syncDir() of the directory that
//   holds it, and after the same for each directory above it that is new;
// - a rename is atomic: after a crash either the old or the new name is there.
//
// Paths are relative to the root: "a/b/c". "" is the root itself. An absolute path, an empty
// component, "." and ".." are INVALID_PATH, so no path can leave the root.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace cairn::io {

// One open file, closed when destroyed (which syncs nothing).
//
// Threads: readAt, size and sync from any thread at any time. The calls that change the file
// (append, writeAt, truncate, preallocate) come from one thread at a time.
//
// A file whose sync failed is dead: every later call fails with IO_ERROR, reads included. After a
// failed fsync Linux marks the pages clean, so neither a second sync nor what a read returns says
// anything about the disk (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX
// ATC 2020). The owner gives the file up, and usually the volume. A failed write leaves the bytes
// of its range undefined and may have grown the file; the file stays usable.
class File {
public:
  virtual ~File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // Fills `to` from `offset`; returns how many bytes. Fewer than asked only where the file ends;
  // 0 at or after its end. IO_ERROR for an unreadable sector.
  Result<std::size_t> readAt(std::uint64_t offset, MutableBytes to);
  // Writes the parts one after the other from `offset` in as few system calls as possible
  // (pwritev), without copying them. Past the end the gap reads as zeros.
  Result<void> writeAt(std::uint64_t offset, std::span<const ByteView> parts);
  Result<void> writeAt(std::uint64_t offset, ByteView bytes);
  // writeAt at the end of the file, as this object knows it (it assumes to be the only writer).
  Result<void> append(std::span<const ByteView> parts);
  Result<void> append(ByteView bytes);
  // Makes everything durable that was written by calls which had returned before this one began
  // (fdatasync: bytes and size; not times). On failure the file is dead, see above.
  Result<void> sync();
  Result<std::uint64_t> size();
  // Cuts, or grows with zeros. Durable after sync().
  Result<void> truncate(std::uint64_t size);

  // --- Hints: they change no byte and never fail. ---
  // Reserves disk space for [offset, offset+bytes) without changing size().
  void preallocate(std::uint64_t offset, std::uint64_t bytes);
  // Starts writing the dirty pages of the range, so that a later sync() finds little to do.
  void startWriteback(std::uint64_t offset, std::uint64_t bytes);
  // The range will be read soon; once, from front to back.
  void willRead(std::uint64_t offset, std::uint64_t bytes);
  // The clean pages of the range are not needed again; bytes = 0 means to the end.
  void dropCache(std::uint64_t offset, std::uint64_t bytes);

  // The file descriptor, to be passed to another process (the receiver shares the file, not this
  // object's death); -1 when there is none. Valid as long as this object.
  virtual int fd() const { return -1; }
  // For messages: the real path on a real disk.
  const std::string& path() const { return path_; }
  bool dead() const { return dead_.load(std::memory_order_relaxed); }

protected:
  explicit File(std::string path) : path_(std::move(path)) {}

  // What an implementation supplies; the public calls above keep the rule about dead files.
  virtual Result<std::size_t> doReadAt(std::uint64_t offset, MutableBytes to) = 0;
  virtual Result<void> doWriteAt(std::uint64_t offset, std::span<const ByteView> parts) = 0;
  virtual Result<void> doAppend(std::span<const ByteView> parts) = 0;
  virtual Result<void> doSync() = 0;
  virtual Result<std::uint64_t> doSize() = 0;
  virtual Result<void> doTruncate(std::uint64_t size) = 0;
  virtual void doPreallocate(std::uint64_t offset, std::uint64_t bytes) {}
  virtual void doStartWriteback(std::uint64_t offset, std::uint64_t bytes) {}
  virtual void doWillRead(std::uint64_t offset, std::uint64_t bytes) {}
  virtual void doDropCache(std::uint64_t offset, std::uint64_t bytes) {}

private:
  std::unexpected<Status> deadError(std::string_view verb) const;

  std::string path_;
  std::atomic<bool> dead_{false};
};

enum class OpenMode : std::uint8_t {
  READ,        // must exist
  READ_WRITE,  // must exist; keeps its bytes
  CREATE,      // must not exist (ALREADY_EXISTS); readable and writable
};

struct DirEntry {
  std::string name;
  bool isDirectory = false;

  bool operator==(const DirEntry&) const = default;
};

struct PathInfo {
  bool isDirectory = false;
  std::uint64_t sizeBytes = 0;  // 0 for a directory

  bool operator==(const PathInfo&) const = default;
};

struct DiskSpace {
  std::uint64_t capacityBytes = 0;
  std::uint64_t freeBytes = 0;  // what an ordinary user may still write
};

// Held as long as it lives. A process that dies lets go of it.
class DiskLock {
public:
  virtual ~DiskLock() = default;

protected:
  DiskLock() = default;
};

// Threads: every call from any thread. The disk outlives the files and locks it gave out.
class Disk {
public:
  virtual ~Disk() = default;
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // NOT_FOUND, ALREADY_EXISTS, IS_A_DIRECTORY, PERMISSION_DENIED, DISK_FULL, IO_ERROR.
  virtual Result<std::unique_ptr<File>> open(std::string_view path, OpenMode mode) = 0;
  // Moves a file or a directory; an existing file (or empty directory) at `to` is replaced
  // atomically by one of its own kind. Durable after syncDir of both parents.
  virtual Result<void> rename(std::string_view from, std::string_view to) = 0;
  // Removes a file or an empty directory. NOT_FOUND, NOT_EMPTY. Open files live on, nameless.
  virtual Result<void> remove(std::string_view path) = 0;
  // The children in byte order of their names. O(children), memory included.
  virtual Result<std::vector<DirEntry>> list(std::string_view dir) = 0;
  // Creates the directory and those above it that are missing; no error when it is there.
  // Not durable: makeDirsDurably (disk_ops.h) is.
  virtual Result<void> makeDirs(std::string_view dir) = 0;
  // Makes the names in this directory durable. After a failure it is unknown which of them are;
  // treat the volume as failed.
  virtual Result<void> syncDir(std::string_view dir) = 0;
  // Nothing when the path does not exist.
  virtual Result<std::optional<PathInfo>> statIfExists(std::string_view path) = 0;
  virtual Result<DiskSpace> space() = 0;
  // Takes the exclusive lock on `path`, a file that is created when missing and never removed.
  // IN_USE, with the holder's process id in the message, when another holder lives, be it in this
  // process or another one. Does not wait.
  virtual Result<std::unique_ptr<DiskLock>> lock(std::string_view path) = 0;

  // How `path` reads in messages; on a real disk its real path, fit for other programs.
  virtual std::string pathOf(std::string_view path) const = 0;

  Result<bool> exists(std::string_view path);

protected:
  Disk() = default;
};

// INVALID_PATH unless `path` follows the rule at the top of this file.
Result<void> checkRelativePath(std::string_view path);
// The same, and the root does not pass: for what is to be renamed, removed or locked.
Result<void> checkNamed(std::string_view path);
// "a/b" for "a/b/c"; "" (the root) for "c".
std::string_view parentOf(std::string_view path);
// "c" for "a/b/c" and for "c".
std::string_view baseNameOf(std::string_view path);
// "a/b" from "a" and "b"; "b" when `dir` is "".
std::string joinPath(std::string_view dir, std::string_view name);

}  // namespace cairn::io
