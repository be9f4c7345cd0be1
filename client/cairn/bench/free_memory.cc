#include "client/cairn/bench/free_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>

namespace cairn::app {

void touchFreeMemory(std::uint64_t bytes) {
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  // No more than is free: what the cache holds is to stay there.
  const auto free = static_cast<std::uint64_t>(::sysconf(_SC_AVPHYS_PAGES)) * page / 4 * 3;
  const auto length = static_cast<std::size_t>(std::min(bytes, free));
  if (length < page) return;
  void* const memory =
      ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  ::madvise(memory, length, MADV_POPULATE_WRITE);
  ::munmap(memory, length);
}

}  // namespace cairn::app
