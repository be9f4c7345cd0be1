// A Disk around another one that fails on command.
// Layer: io.  Threads: as disk.h.  Cost: one mutex a call; for tests and the simulator only.
//
// Faults are counted per kind of operation over the whole disk. A test that wants to fail
// "each sync in turn" runs the scenario once, reads count(DiskOp::SYNC), then runs it that many
// times with inject({.op = DiskOp::SYNC, .nth = i, .errnum = EIO}).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/io/disk.h"

namespace cairn::io {

// File operations first, then those of the disk. append and writeAt are both WRITE.
enum class DiskOp : std::uint8_t {
  READ,
  WRITE,
  SYNC,
  SIZE,
  TRUNCATE,
  OPEN,    // READ and READ_WRITE
  CREATE,  // OpenMode::CREATE
  RENAME,
  REMOVE,
  LIST,
  MAKE_DIRS,
  SYNC_DIR,
  STAT,
  SPACE,
  LOCK,
};
inline constexpr std::size_t DISK_OP_COUNT = 15;

struct DiskFault {
  DiskOp op = DiskOp::SYNC;
  // Which of the matching operations from now on fails; 1 = the next.
  std::uint64_t nth = 1;
  // Also all matching ones after it.
  bool forever = false;
  // Only operations whose path contains this text are counted and failed.
  std::string pathContains = {};
  // What the caller sees, as a system call would report it: EIO, ENOSPC, EROFS ...
  // 0 with op = READ: the read succeeds but ends after `shortBytes`, as if the file ended there.
  // With op = WRITE and shortBytes > 0: that many bytes are written before the failure.
  int errnum = 5;  // EIO
  std::uint64_t shortBytes = 0;
  // With op = READ: only reads of this byte of a file are counted and failed, as of a bad sector.
  std::optional<std::uint64_t> byte = {};
};

class FaultyDisk final : public Disk {
public:
  // `base` outlives this disk and its files.
  explicit FaultyDisk(Disk& base);
  ~FaultyDisk() override;

  void inject(DiskFault fault);
  // Drops all faults, a full disk included; counts stay.
  void heal();
  // While full, every WRITE that would grow a file, every CREATE and every makeDirs of a new
  // directory fails with ENOSPC, and space() reports nothing free.
  void setFull(bool full);
  // The system's cache has other bytes of the file than the disk, as after an fsync that failed:
  // reads get these, from the file's start, until somebody drops the cache.
  void holdInCache(std::string path, std::string bytes);
  // Operations of this kind so far, failed ones included.
  std::uint64_t count(DiskOp op) const;

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

private:
  class OpenFile;
  struct Plan;

  Disk& base_;
  std::shared_ptr<Plan> plan_;  // shared with the files
};

}  // namespace cairn::io
