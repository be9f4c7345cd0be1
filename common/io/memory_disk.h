// A Disk in memory that forgets, on a crash, exactly what a real disk may forget.
// Layer: io.  Threads: as disk.h (one mutex).  Cost: memory: the content twice (what is read and
// what is durable) plus the bytes written since each file's last sync.
//
// Deterministic: the same calls give the same answers, and crash() depends on its Random alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/io/disk.h"
#include "common/io/random.h"

namespace cairn::io {

class MemoryTree;

// What a crash takes away. In all cases files and locks that were given out before it are useless
// afterwards: each call on such a File fails with IO_ERROR, and the locks are free.
enum class CrashLoss : std::uint8_t {
  // The process died, the machine did not (kill -9): nothing is lost.
  NOTHING,
  // The power failed before anything reached the disk by itself: every byte written or cut since
  // the file's last sync, and every create, rename and remove since the last syncDir of the
  // directories concerned, is undone.
  ALL_UNSYNCED,
  // The power failed while the system was writing back: of each file's unsynced writes a random
  // prefix is kept, the next one torn at a random byte; of the unsynced directory operations a
  // random prefix in the order they were made (as a journalling file system keeps them).
  RANDOM_SUFFIX,
};

class MemoryDisk final : public Disk {
public:
  static constexpr std::uint64_t UNLIMITED = ~std::uint64_t{0};

  // `name` stands before each path in messages.
  explicit MemoryDisk(std::string name = "memory");
  ~MemoryDisk() override;

  Result<std::unique_ptr<File>> open(std::string_view path, OpenMode mode) override;
  Result<void> rename(std::string_view from, std::string_view to) override;
  Result<void> remove(std::string_view path) override;
  Result<std::vector<DirEntry>> list(std::string_view dir) override;
  Result<void> makeDirs(std::string_view dir) override;
  Result<void> syncDir(std::string_view dir) override;
  Result<std::optional<PathInfo>> statIfExists(std::string_view path) override;
  Result<DiskSpace> space() override;
  Result<std::unique_ptr<DiskLock>> lock(std::string_view path) override;
  std::string pathOf(std::string_view path) const override;

  // --- For tests and the simulator ---
  void crash(CrashLoss loss, Random& random);
  // A write that would take the sum of all file sizes above it fails with DISK_FULL and changes
  // nothing. Starts UNLIMITED (space() then reports 1 TiB of capacity).
  void setCapacity(std::uint64_t bytes);
  // Inverts one bit of the file (bit 0 = lowest of byte 0), in what is read and in what is
  // durable, behind the back of open files. INVALID_ARGUMENT past the end.
  Result<void> flipBit(std::string_view path, std::uint64_t bit);

private:
  class OpenFile;
  class Lock;

  std::shared_ptr<MemoryTree> tree_;  // shared with files and locks, which may outlive the disk
};

}  // namespace cairn::io
