#include "tests/sim/disk_env.h"

#include <cstring>
#include <string>
#include <vector>

#include "common/log/log.h"

namespace cairn::sim {
namespace {

rocksdb::Status toRocks(const Status& status) {
  switch (status.code()) {
    case Code::NOT_FOUND: return rocksdb::Status::NotFound(status.message());
    case Code::DISK_FULL: return rocksdb::Status::NoSpace(status.message());
    default: return rocksdb::Status::IOError(status.message());
  }
}

template <typename T>
rocksdb::Status toRocks(const Result<T>& result) {
  return result.has_value() ? rocksdb::Status::OK() : toRocks(result.error());
}

std::string onDisk(const std::string& path) {
  std::string_view view(path);
  while (view.starts_with('/')) view.remove_prefix(1);
  while (view.ends_with('/')) view.remove_suffix(1);
  std::string result;  // RocksDB writes "dir//file" where a directory ends in a slash
  for (const char c : view) {
    if (c != '/' || !result.ends_with('/')) result += c;
  }
  return result;
}

ByteView viewOf(const rocksdb::Slice& slice) { return asBytes({slice.data(), slice.size()}); }

class SequentialFile final : public rocksdb::SequentialFile {
public:
  explicit SequentialFile(std::unique_ptr<io::File> file) : file_(std::move(file)) {}
  rocksdb::Status Read(std::size_t n, rocksdb::Slice* result, char* scratch) override {
    const auto got = file_->readAt(at_, {reinterpret_cast<std::byte*>(scratch), n});
    if (!got.has_value()) return toRocks(got.error());
    at_ += *got;
    *result = rocksdb::Slice(scratch, *got);
    return rocksdb::Status::OK();
  }
  rocksdb::Status Skip(std::uint64_t n) override {
    at_ += n;
    return rocksdb::Status::OK();
  }

private:
  std::unique_ptr<io::File> file_;
  std::uint64_t at_ = 0;
};

class RandomAccessFile final : public rocksdb::RandomAccessFile {
public:
  explicit RandomAccessFile(std::unique_ptr<io::File> file) : file_(std::move(file)) {}
  rocksdb::Status Read(std::uint64_t offset, std::size_t n, rocksdb::Slice* result,
                       char* scratch) const override {
    const auto got = file_->readAt(offset, {reinterpret_cast<std::byte*>(scratch), n});
    if (!got.has_value()) return toRocks(got.error());
    *result = rocksdb::Slice(scratch, *got);
    return rocksdb::Status::OK();
  }

private:
  std::unique_ptr<io::File> file_;
};

class WritableFile final : public rocksdb::WritableFile {
public:
  explicit WritableFile(std::unique_ptr<io::File> file, std::uint64_t size)
      : file_(std::move(file)), size_(size) {}
  using rocksdb::WritableFile::Append;
  rocksdb::Status Append(const rocksdb::Slice& data) override {
    const auto written = file_->append(viewOf(data));
    if (written.has_value()) size_ += data.size();
    return toRocks(written);
  }
  rocksdb::Status Truncate(std::uint64_t size) override {
    const auto cut = file_->truncate(size);
    if (cut.has_value()) size_ = size;
    return toRocks(cut);
  }
  rocksdb::Status Close() override { return rocksdb::Status::OK(); }
  rocksdb::Status Flush() override { return rocksdb::Status::OK(); }
  rocksdb::Status Sync() override { return toRocks(file_->sync()); }
  bool IsSyncThreadSafe() const override { return true; }
  std::uint64_t GetFileSize() override { return size_; }

private:
  std::unique_ptr<io::File> file_;
  std::uint64_t size_;
};

class Directory final : public rocksdb::Directory {
public:
  Directory(io::Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  rocksdb::Status Fsync() override { return toRocks(disk_.syncDir(path_)); }
  rocksdb::Status Close() override { return rocksdb::Status::OK(); }

private:
  io::Disk& disk_;
  const std::string path_;
};

class FileLock final : public rocksdb::FileLock {
public:
  explicit FileLock(std::unique_ptr<io::DiskLock> lock) : lock_(std::move(lock)) {}

private:
  std::unique_ptr<io::DiskLock> lock_;
};

class NoLog final : public rocksdb::Logger {
public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
  std::size_t GetLogFileSize() const override { return 0; }
};

class DiskEnv final : public rocksdb::Env {
public:
  DiskEnv(io::Disk& disk, const io::Clock& clock) : disk_(disk), clock_(clock) {}

  const char* Name() const override { return "CairnDiskEnv"; }

  rocksdb::Status NewSequentialFile(const std::string& name,
                                    std::unique_ptr<rocksdb::SequentialFile>* result,
                                    const rocksdb::EnvOptions&) override {
    auto file = disk_.open(onDisk(name), io::OpenMode::READ);
    if (!file.has_value()) return toRocks(file.error());
    *result = std::make_unique<SequentialFile>(std::move(*file));
    return rocksdb::Status::OK();
  }
  rocksdb::Status NewRandomAccessFile(const std::string& name,
                                      std::unique_ptr<rocksdb::RandomAccessFile>* result,
                                      const rocksdb::EnvOptions&) override {
    auto file = disk_.open(onDisk(name), io::OpenMode::READ);
    if (!file.has_value()) return toRocks(file.error());
    *result = std::make_unique<RandomAccessFile>(std::move(*file));
    return rocksdb::Status::OK();
  }
  // Replaces a file of that name, as POSIX's O_TRUNC does.
  rocksdb::Status NewWritableFile(const std::string& name,
                                  std::unique_ptr<rocksdb::WritableFile>* result,
                                  const rocksdb::EnvOptions&) override {
    auto file = disk_.open(onDisk(name), io::OpenMode::CREATE);
    if (!file.has_value() && file.error().code() == Code::ALREADY_EXISTS) {
      file = disk_.open(onDisk(name), io::OpenMode::READ_WRITE);
      if (file.has_value()) {
        if (auto cut = (*file)->truncate(0); !cut.has_value()) return toRocks(cut.error());
      }
    }
    if (!file.has_value()) return toRocks(file.error());
    *result = std::make_unique<WritableFile>(std::move(*file), 0);
    return rocksdb::Status::OK();
  }
  rocksdb::Status ReopenWritableFile(const std::string& name,
                                     std::unique_ptr<rocksdb::WritableFile>* result,
                                     const rocksdb::EnvOptions& options) override {
    auto file = disk_.open(onDisk(name), io::OpenMode::READ_WRITE);
    if (!file.has_value()) return NewWritableFile(name, result, options);
    const auto size = (*file)->size();
    if (!size.has_value()) return toRocks(size.error());
    *result = std::make_unique<WritableFile>(std::move(*file), *size);
    return rocksdb::Status::OK();
  }
  rocksdb::Status NewDirectory(const std::string& name,
                               std::unique_ptr<rocksdb::Directory>* result) override {
    *result = std::make_unique<Directory>(disk_, onDisk(name));
    return rocksdb::Status::OK();
  }

  rocksdb::Status FileExists(const std::string& name) override {
    const auto info = disk_.statIfExists(onDisk(name));
    if (!info.has_value()) return toRocks(info.error());
    return info->has_value() ? rocksdb::Status::OK() : rocksdb::Status::NotFound(name);
  }
  rocksdb::Status GetChildren(const std::string& dir, std::vector<std::string>* result) override {
    const auto entries = disk_.list(onDisk(dir));
    if (!entries.has_value()) return toRocks(entries.error());
    result->clear();
    for (const auto& entry : *entries) result->push_back(entry.name);
    return rocksdb::Status::OK();
  }
  rocksdb::Status DeleteFile(const std::string& name) override {
    return toRocks(disk_.remove(onDisk(name)));
  }
  rocksdb::Status CreateDir(const std::string& dir) override {
    return toRocks(disk_.makeDirs(onDisk(dir)));
  }
  rocksdb::Status CreateDirIfMissing(const std::string& dir) override {
    return toRocks(disk_.makeDirs(onDisk(dir)));
  }
  rocksdb::Status DeleteDir(const std::string& dir) override {
    return toRocks(disk_.remove(onDisk(dir)));
  }
  rocksdb::Status GetFileSize(const std::string& name, std::uint64_t* size) override {
    const auto info = disk_.statIfExists(onDisk(name));
    if (!info.has_value()) return toRocks(info.error());
    if (!info->has_value()) return rocksdb::Status::NotFound(name);
    *size = (*info)->sizeBytes;
    return rocksdb::Status::OK();
  }
  rocksdb::Status GetFileModificationTime(const std::string&, std::uint64_t* seconds) override {
    *seconds = static_cast<std::uint64_t>(clock_.nowMs() / 1000);
    return rocksdb::Status::OK();
  }
  rocksdb::Status RenameFile(const std::string& from, const std::string& to) override {
    return toRocks(disk_.rename(onDisk(from), onDisk(to)));
  }
  rocksdb::Status LinkFile(const std::string&, const std::string&) override {
    return rocksdb::Status::NotSupported("links");
  }
  rocksdb::Status IsDirectory(const std::string& path, bool* isDirectory) override {
    const auto info = disk_.statIfExists(onDisk(path));
    if (!info.has_value()) return toRocks(info.error());
    *isDirectory = info->has_value() && (*info)->isDirectory;
    return rocksdb::Status::OK();
  }
  rocksdb::Status LockFile(const std::string& name, rocksdb::FileLock** lock) override {
    auto held = disk_.lock(onDisk(name));
    if (!held.has_value()) return toRocks(held.error());
    *lock = new FileLock(std::move(*held));
    return rocksdb::Status::OK();
  }
  rocksdb::Status UnlockFile(rocksdb::FileLock* lock) override {
    delete lock;
    return rocksdb::Status::OK();
  }
  rocksdb::Status GetTestDirectory(std::string* path) override {
    *path = "/test";
    return rocksdb::Status::OK();
  }
  rocksdb::Status GetAbsolutePath(const std::string& path, std::string* result) override {
    *result = path;
    return rocksdb::Status::OK();
  }

  // Work on another thread would run at a moment that no seed decides.
  void Schedule(void (*)(void*), void*, Priority, void*, void (*)(void*)) override {
    LOG(FATAL) << "RocksDB wants background work in the simulator";
  }
  void StartThread(void (*)(void*), void*) override {
    LOG(FATAL) << "RocksDB wants a thread in the simulator";
  }
  void SetBackgroundThreads(int, Priority) override {}
  int GetBackgroundThreads(Priority) override { return 1; }
  void IncBackgroundThreadsIfNeeded(int, Priority) override {}

  rocksdb::Status NewLogger(const std::string&, std::shared_ptr<rocksdb::Logger>* result) override {
    *result = std::make_shared<NoLog>();
    return rocksdb::Status::OK();
  }
  std::uint64_t NowMicros() override { return static_cast<std::uint64_t>(clock_.nowMs()) * 1000; }
  void SleepForMicroseconds(int) override {}
  rocksdb::Status GetCurrentTime(std::int64_t* seconds) override {
    *seconds = clock_.nowMs() / 1000;
    return rocksdb::Status::OK();
  }
  rocksdb::Status GetHostName(char* name, std::uint64_t length) override {
    std::strncpy(name, "sim", length);
    return rocksdb::Status::OK();
  }
  std::string TimeToString(std::uint64_t seconds) override { return std::to_string(seconds); }
  std::string GenerateUniqueId() override { return "sim-" + std::to_string(++ids_); }

private:
  io::Disk& disk_;
  const io::Clock& clock_;
  std::uint64_t ids_ = 0;
};

}  // namespace

std::unique_ptr<rocksdb::Env> newDiskEnv(io::Disk& disk, const io::Clock& clock) {
  return std::make_unique<DiskEnv>(disk, clock);
}

}  // namespace cairn::sim
