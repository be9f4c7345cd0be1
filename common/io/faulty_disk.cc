#include "common/io/faulty_disk.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cairn::io {

struct FaultyDisk::Plan {
  struct Entry {
    DiskFault fault;
    std::uint64_t seen = 0;
  };

  mutable std::mutex mutex;
  std::vector<Entry> entries;
  std::array<std::uint64_t, DISK_OP_COUNT> counts{};
  bool full = false;
  std::map<std::string, std::string, std::less<>> cached;  // by path

  // What the cache alone has of [offset, offset + to.size()), put into `to`; nothing when the disk
  // is read.
  std::optional<std::size_t> readCached(std::string_view path, std::uint64_t offset,
                                        MutableBytes to) const {
    const std::lock_guard lock(mutex);
    const auto at = cached.find(path);
    if (at == cached.end()) return std::nullopt;
    const auto bytes = std::as_bytes(std::span(at->second));
    if (offset >= bytes.size()) return 0;
    const auto some = bytes.subspan(static_cast<std::size_t>(offset));
    const auto count = std::min(some.size(), to.size());
    std::ranges::copy(some.first(count), to.begin());
    return count;
  }
  void dropCached(std::string_view path) {
    const std::lock_guard lock(mutex);
    if (const auto at = cached.find(path); at != cached.end()) cached.erase(at);
  }
  // Counts one operation; the fault it meets, if any. `offset`, `bytes`: what is read.
  std::optional<DiskFault> meet(DiskOp op, std::string_view path, std::uint64_t offset = 0,
                                std::uint64_t bytes = 0) {
    const std::lock_guard lock(mutex);
    ++counts[static_cast<std::size_t>(op)];
    std::optional<DiskFault> met;
    for (auto& [fault, seen] : entries) {
      if (fault.op != op || path.find(fault.pathContains) == std::string_view::npos) continue;
      if (fault.byte && (*fault.byte < offset || *fault.byte - offset >= bytes)) continue;
      ++seen;
      if (!met && (fault.forever ? seen >= fault.nth : seen == fault.nth)) met = fault;
    }
    return met;
  }
  // The same for operations that can only succeed or fail.
  Result<void> pass(DiskOp op, std::string_view verb, std::string_view path) {
    if (const auto fault = meet(op, path)) return failure(fault->errnum, verb, path);
    return {};
  }
  bool isFull() const {
    const std::lock_guard lock(mutex);
    return full;
  }
  static std::unexpected<Status> failure(int errnum, std::string_view verb, std::string_view path) {
    return fail(statusFromErrno(errnum, std::string(verb) + " " + std::string(path)));
  }
};

class FaultyDisk::OpenFile final : public File {
public:
  OpenFile(std::string relative, std::unique_ptr<File> base, std::shared_ptr<Plan> plan)
      : File(base->path()),
        relative_(std::move(relative)),
        base_(std::move(base)),
        plan_(std::move(plan)) {}

  int fd() const override { return base_->fd(); }

protected:
  Result<std::size_t> doReadAt(std::uint64_t offset, MutableBytes to) override {
    if (const auto fault = plan_->meet(DiskOp::READ, relative_, offset, to.size())) {
      if (fault->errnum != 0) return Plan::failure(fault->errnum, "read", path());
      to = to.first(std::min<std::uint64_t>(to.size(), fault->shortBytes));
    }
    if (const auto cached = plan_->readCached(relative_, offset, to)) return *cached;
    return base_->readAt(offset, to);
  }

  Result<void> doWriteAt(std::uint64_t offset, std::span<const ByteView> parts) override {
    ASSIGN(const std::uint64_t size, base_->size());
    return write(parts, offset + total(parts) > size, [&](std::span<const ByteView> allowed) {
      return base_->writeAt(offset, allowed);
    });
  }

  Result<void> doAppend(std::span<const ByteView> parts) override {
    return write(parts, total(parts) > 0,
                 [&](std::span<const ByteView> allowed) { return base_->append(allowed); });
  }

  Result<void> doSync() override {
    // The base is not synced either: its bytes stay as undurable as the error says.
    if (const auto fault = plan_->meet(DiskOp::SYNC, relative_)) {
      return Plan::failure(fault->errnum, "sync", path());
    }
    return base_->sync();
  }

  Result<std::uint64_t> doSize() override {
    if (const auto fault = plan_->meet(DiskOp::SIZE, relative_)) {
      return Plan::failure(fault->errnum, "stat", path());
    }
    return base_->size();
  }

  Result<void> doTruncate(std::uint64_t size) override {
    if (const auto fault = plan_->meet(DiskOp::TRUNCATE, relative_)) {
      return Plan::failure(fault->errnum, "truncate", path());
    }
    return base_->truncate(size);
  }

  void doPreallocate(std::uint64_t offset, std::uint64_t bytes) override {
    base_->preallocate(offset, bytes);
  }
  void doStartWriteback(std::uint64_t offset, std::uint64_t bytes) override {
    base_->startWriteback(offset, bytes);
  }
  void doWillRead(std::uint64_t offset, std::uint64_t bytes) override {
    base_->willRead(offset, bytes);
  }
  void doDropCache(std::uint64_t offset, std::uint64_t bytes) override {
    plan_->dropCached(relative_);
    base_->dropCache(offset, bytes);
  }

private:
  static std::uint64_t total(std::span<const ByteView> parts) {
    std::uint64_t bytes = 0;
    for (const auto part : parts) bytes += part.size();
    return bytes;
  }

  template <typename Write>
  Result<void> write(std::span<const ByteView> parts, bool grows, Write&& pass) {
    const auto fault = plan_->meet(DiskOp::WRITE, relative_);
    if (fault) {
      std::vector<ByteView> allowed;
      std::uint64_t left = fault->shortBytes;
      for (const auto part : parts) {
        allowed.push_back(part.first(std::min<std::uint64_t>(part.size(), left)));
        left -= allowed.back().size();
      }
      if (total(allowed) > 0) TRY(pass(allowed));
      return Plan::failure(fault->errnum, "write", path());
    }
    if (grows && plan_->isFull()) return Plan::failure(ENOSPC, "write", path());
    return pass(parts);
  }

  std::string relative_;
  std::unique_ptr<File> base_;
  std::shared_ptr<Plan> plan_;
};

FaultyDisk::FaultyDisk(Disk& base) : base_(base), plan_(std::make_shared<Plan>()) {}

FaultyDisk::~FaultyDisk() = default;

void FaultyDisk::inject(DiskFault fault) {
  const std::lock_guard lock(plan_->mutex);
  plan_->entries.push_back({std::move(fault)});
}

void FaultyDisk::heal() {
  const std::lock_guard lock(plan_->mutex);
  plan_->entries.clear();
  plan_->full = false;
}

void FaultyDisk::setFull(bool full) {
  const std::lock_guard lock(plan_->mutex);
  plan_->full = full;
}

void FaultyDisk::holdInCache(std::string path, std::string bytes) {
  const std::lock_guard lock(plan_->mutex);
  plan_->cached.insert_or_assign(std::move(path), std::move(bytes));
}

std::uint64_t FaultyDisk::count(DiskOp op) const {
  const std::lock_guard lock(plan_->mutex);
  return plan_->counts[static_cast<std::size_t>(op)];
}

Result<std::unique_ptr<File>> FaultyDisk::open(std::string_view path, OpenMode mode) {
  const bool creates = mode == OpenMode::CREATE;
  const std::string_view verb = creates ? "create" : "open";
  TRY(plan_->pass(creates ? DiskOp::CREATE : DiskOp::OPEN, verb, path));
  if (creates && plan_->isFull()) return Plan::failure(ENOSPC, verb, pathOf(path));
  ASSIGN(auto file, base_.open(path, mode));
  return std::make_unique<OpenFile>(std::string(path), std::move(file), plan_);
}

Result<void> FaultyDisk::rename(std::string_view from, std::string_view to) {
  // A fault that names either path is meant.
  TRY(plan_->pass(DiskOp::RENAME, "rename", std::string(from) + " to " + std::string(to)));
  return base_.rename(from, to);
}

Result<void> FaultyDisk::remove(std::string_view path) {
  TRY(plan_->pass(DiskOp::REMOVE, "remove", path));
  return base_.remove(path);
}

Result<std::vector<DirEntry>> FaultyDisk::list(std::string_view dir) {
  TRY(plan_->pass(DiskOp::LIST, "list", dir));
  return base_.list(dir);
}

Result<void> FaultyDisk::makeDirs(std::string_view dir) {
  TRY(plan_->pass(DiskOp::MAKE_DIRS, "create directory", dir));
  if (plan_->isFull()) {
    ASSIGN(const bool there, base_.exists(dir));
    if (!there) return Plan::failure(ENOSPC, "create directory", pathOf(dir));
  }
  return base_.makeDirs(dir);
}

Result<void> FaultyDisk::syncDir(std::string_view dir) {
  TRY(plan_->pass(DiskOp::SYNC_DIR, "sync directory", dir));
  return base_.syncDir(dir);
}

Result<std::optional<PathInfo>> FaultyDisk::statIfExists(std::string_view path) {
  TRY(plan_->pass(DiskOp::STAT, "stat", path));
  return base_.statIfExists(path);
}

Result<DiskSpace> FaultyDisk::space() {
  TRY(plan_->pass(DiskOp::SPACE, "space of", ""));
  ASSIGN(DiskSpace space, base_.space());
  if (plan_->isFull()) space.freeBytes = 0;
  return space;
}

Result<std::unique_ptr<DiskLock>> FaultyDisk::lock(std::string_view path) {
  TRY(plan_->pass(DiskOp::LOCK, "lock", path));
  return base_.lock(path);
}

std::string FaultyDisk::pathOf(std::string_view path) const { return base_.pathOf(path); }

}  // namespace cairn::io
