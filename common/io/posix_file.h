// An open file descriptor as a File. Used by PosixDisk, and for descriptors that another process
// handed over.
// Layer: io.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "common/io/disk.h"

namespace cairn::io {

// Owns a descriptor; -1 = none.
class UniqueFd {
public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

private:
  int fd_ = -1;
};

class PosixFile final : public File {
public:
  PosixFile(std::string path, UniqueFd fd, std::uint64_t sizeBytes)
      : File(std::move(path)), fd_(std::move(fd)), end_(sizeBytes) {}

  int fd() const override { return fd_.get(); }

protected:
  Result<std::size_t> doReadAt(std::uint64_t offset, MutableBytes to) override;
  Result<void> doWriteAt(std::uint64_t offset, std::span<const ByteView> parts) override;
  Result<void> doAppend(std::span<const ByteView> parts) override;
  Result<void> doSync() override;
  Result<std::uint64_t> doSize() override;
  Result<void> doTruncate(std::uint64_t size) override;
  void doPreallocate(std::uint64_t offset, std::uint64_t bytes) override;
  void doStartWriteback(std::uint64_t offset, std::uint64_t bytes) override;
  void doWillRead(std::uint64_t offset, std::uint64_t bytes) override;
  void doDropCache(std::uint64_t offset, std::uint64_t bytes) override;

private:
  UniqueFd fd_;
  std::uint64_t end_;  // where append writes; touched only by the calls that change the file
};

// A File, for reading, of a descriptor that stays the caller's. `name` stands in messages.
Result<std::unique_ptr<File>> readableFile(int descriptor, std::string name);

}  // namespace cairn::io
