#include "common/io/memory_disk.h"

#include <algorithm>
#include <cerrno>

#include "common/io/memory_tree.h"

namespace cairn::io {

class MemoryDisk::OpenFile final : public File {
public:
  OpenFile(std::string path, std::shared_ptr<MemoryTree> tree, MemoryTree::Handle handle,
           bool writable, std::uint64_t sizeBytes)
      : File(std::move(path)),
        tree_(std::move(tree)),
        handle_(std::move(handle)),
        writable_(writable),
        end_(sizeBytes) {}

protected:
  Result<std::size_t> doReadAt(std::uint64_t offset, MutableBytes to) override {
    return tree_->read(handle_, path(), offset, to);
  }
  Result<void> doWriteAt(std::uint64_t offset, std::span<const ByteView> parts) override {
    if (!writable_) return fail(statusFromErrno(EBADF, "write " + path()));
    TRY(tree_->write(handle_, path(), offset, parts));
    for (const auto part : parts) offset += part.size();
    end_ = std::max(end_, offset);
    return {};
  }
  Result<void> doAppend(std::span<const ByteView> parts) override { return doWriteAt(end_, parts); }
  Result<void> doSync() override { return tree_->sync(handle_, path()); }
  Result<std::uint64_t> doSize() override { return tree_->size(handle_, path()); }
  Result<void> doTruncate(std::uint64_t size) override {
    if (!writable_) return fail(statusFromErrno(EINVAL, "truncate " + path()));
    TRY(tree_->truncate(handle_, path(), size));
    end_ = size;
    return {};
  }

private:
  std::shared_ptr<MemoryTree> tree_;
  MemoryTree::Handle handle_;
  bool writable_;
  std::uint64_t end_;
};

class MemoryDisk::Lock final : public DiskLock {
public:
  Lock(std::shared_ptr<MemoryTree> tree, MemoryTree::Handle handle)
      : tree_(std::move(tree)), handle_(std::move(handle)) {}
  ~Lock() override { tree_->unlock(handle_); }

private:
  std::shared_ptr<MemoryTree> tree_;
  MemoryTree::Handle handle_;
};

MemoryDisk::MemoryDisk(std::string name) : tree_(std::make_shared<MemoryTree>(std::move(name))) {}

MemoryDisk::~MemoryDisk() = default;

Result<std::unique_ptr<File>> MemoryDisk::open(std::string_view path, OpenMode mode) {
  TRY(checkRelativePath(path));
  ASSIGN(auto handle, tree_->open(path, mode));
  const std::string name = tree_->pathOf(path);
  ASSIGN(const std::uint64_t size, tree_->size(handle, name));
  return std::make_unique<OpenFile>(name, tree_, std::move(handle), mode != OpenMode::READ, size);
}

Result<void> MemoryDisk::rename(std::string_view from, std::string_view to) {
  TRY(checkNamed(from));
  TRY(checkNamed(to));
  return tree_->rename(from, to);
}

Result<void> MemoryDisk::remove(std::string_view path) {
  TRY(checkNamed(path));
  return tree_->remove(path);
}

Result<std::vector<DirEntry>> MemoryDisk::list(std::string_view dir) {
  TRY(checkRelativePath(dir));
  return tree_->list(dir);
}

Result<void> MemoryDisk::makeDirs(std::string_view dir) {
  TRY(checkRelativePath(dir));
  return tree_->makeDirs(dir);
}

Result<void> MemoryDisk::syncDir(std::string_view dir) {
  TRY(checkRelativePath(dir));
  return tree_->syncDir(dir);
}

Result<std::optional<PathInfo>> MemoryDisk::statIfExists(std::string_view path) {
  TRY(checkRelativePath(path));
  return tree_->stat(path);
}

Result<DiskSpace> MemoryDisk::space() { return tree_->space(); }

Result<std::unique_ptr<DiskLock>> MemoryDisk::lock(std::string_view path) {
  TRY(checkNamed(path));
  ASSIGN(auto handle, tree_->lock(path));
  return std::make_unique<Lock>(tree_, std::move(handle));
}

std::string MemoryDisk::pathOf(std::string_view path) const { return tree_->pathOf(path); }

void MemoryDisk::crash(CrashLoss loss, Random& random) { tree_->crash(loss, random); }

void MemoryDisk::setCapacity(std::uint64_t bytes) { tree_->setCapacity(bytes); }

Result<void> MemoryDisk::flipBit(std::string_view path, std::uint64_t bit) {
  return tree_->flipBit(path, bit);
}

}  // namespace cairn::io
