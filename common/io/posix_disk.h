// A directory of the machine as a Disk.
// Layer: io.  Threads: as disk.h.  Cost: the system calls; paths resolve from a directory
// descriptor, so the tree stays the same one when somebody renames it.
//
// Symbolic links are never followed below the root (the root itself may be one).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/io/disk.h"

namespace cairn::io {

class PosixDisk final : public Disk {
public:
  struct Options {
    unsigned fileMode = 0600;       // of created files, before the process's umask
    unsigned directoryMode = 0700;  // of created directories, likewise
    bool createRoot = false;        // make the root and what is missing above it
  };

  // NOT_FOUND or NOT_A_DIRECTORY when the root is not there (and createRoot is off).
  static Result<std::unique_ptr<PosixDisk>> open(std::string root, Options options);
  static Result<std::unique_ptr<PosixDisk>> open(std::string root) {
    return open(std::move(root), Options());
  }
  ~PosixDisk() override;

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
  PosixDisk(std::string root, int rootFd, Options options);
  std::unexpected<Status> osError(int errnum, std::string_view verb, std::string_view path) const;

  std::string root_;
  int rootFd_;
  Options options_;
};

}  // namespace cairn::io
