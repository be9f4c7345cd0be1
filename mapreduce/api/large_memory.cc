#include "cairn/mr/large_memory.h"

#include <sys/mman.h>

#include <cstdint>

namespace cairn::mr {
namespace {

constexpr std::size_t PAGE_BYTES = 4096;
constexpr std::size_t LARGE_PAGE_BYTES = std::size_t{2} << 20;

}  // namespace

LargeMemory::LargeMemory(std::size_t bytes) {
  bytes = (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
  if (bytes == 0) return;
  // Large pages begin at multiples of their size: map that much more and give the edges back.
  const std::size_t spare = bytes >= LARGE_PAGE_BYTES ? LARGE_PAGE_BYTES : 0;
  void* const mapped = ::mmap(nullptr, bytes + spare, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return;
  auto* const begin = static_cast<char*>(mapped);
  std::size_t front = 0;
  if (spare > 0) {
    const auto over = reinterpret_cast<std::uintptr_t>(begin) % LARGE_PAGE_BYTES;
    front = over == 0 ? 0 : LARGE_PAGE_BYTES - over;
    if (front > 0) ::munmap(begin, front);
    if (front < spare) ::munmap(begin + front + bytes, spare - front);
    ::madvise(begin + front, bytes, MADV_HUGEPAGE);
  }
  data_ = begin + front;
  bytes_ = bytes;
}

LargeMemory::~LargeMemory() {
  if (data_ != nullptr) ::munmap(data_, bytes_);
}

}  // namespace cairn::mr
