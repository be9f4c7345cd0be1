// A disk of which nothing works: in the place of one that could not be opened, for owners that go
// on with others.
// Layer: io.  Threads: any.  Errors: every call returns the one that it was made with.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/io/disk.h"

namespace cairn::io {

class BrokenDisk final : public Disk {
public:
  BrokenDisk(std::string root, Status why) : root_(std::move(root)), why_(std::move(why)) {}

  Result<std::unique_ptr<File>> open(std::string_view, OpenMode) override { return broken(); }
  Result<void> rename(std::string_view, std::string_view) override { return broken(); }
  Result<void> remove(std::string_view) override { return broken(); }
  Result<std::vector<DirEntry>> list(std::string_view) override { return broken(); }
  Result<void> makeDirs(std::string_view) override { return broken(); }
  Result<void> syncDir(std::string_view) override { return broken(); }
  Result<std::optional<PathInfo>> statIfExists(std::string_view) override { return broken(); }
  Result<DiskSpace> space() override { return broken(); }
  Result<std::unique_ptr<DiskLock>> lock(std::string_view) override { return broken(); }
  std::string pathOf(std::string_view path) const override {
    return path.empty() ? root_ : joinPath(root_, path);
  }

private:
  std::unexpected<Status> broken() const { return std::unexpected(why_); }

  const std::string root_;
  const Status why_;
};

}  // namespace cairn::io
