// Zeroed memory for tables of megabytes, on large pages where the system has them: random access to
// a table on 4 KiB pages waits for the page walk as well as for the memory (word count: 15 %).
// Layer: mapreduce api (std only, installed).  Threads: a value, move only.
#pragma once

#include <cstddef>
#include <utility>

namespace cairn::mr {

class LargeMemory {
public:
  LargeMemory() = default;
  // Pages are taken from the system when they are first written. data() is null when there is no
  // address range of that size.
  explicit LargeMemory(std::size_t bytes);
  LargeMemory(LargeMemory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  LargeMemory& operator=(LargeMemory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~LargeMemory();

  char* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }  // as asked for, rounded up to a page

private:
  char* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace cairn::mr
