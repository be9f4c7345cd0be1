#include "cairn/mr/record_buffer.h"

#include <sys/mman.h>

#include <algorithm>

namespace cairn::mr {
namespace {

constexpr std::size_t PAGE = 4096;

std::size_t roundUp(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

RecordBuffer::RecordBuffer(std::size_t budgetBytes, Spiller& spiller)
    : spiller_(spiller), budget_(roundUp(std::max(budgetBytes, PAGE), PAGE)) {
  if (!reserve(budget_)) {
    failed_ = true;
    failure_ = "no memory for the map's output buffer";
  }
}

RecordBuffer::~RecordBuffer() { release(); }

bool RecordBuffer::reserve(std::size_t bytes) {
  // Pages are taken from the system when they are first written.
  void* const at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) {
    base_ = nullptr;
    mapped_ = capacity_ = entriesBegin_ = 0;
    return false;
  }
  // Without a fault for every 4 KiB where the system has larger pages.
  ::madvise(at, bytes, MADV_HUGEPAGE);
  base_ = static_cast<char*>(at);
  mapped_ = bytes;
  capacity_ = entriesBegin_ = bytes / sizeof(Entry) * sizeof(Entry);
  recordsEnd_ = FIRST;
  return true;
}

void RecordBuffer::release() {
  if (base_ != nullptr) ::munmap(base_, mapped_);
  base_ = nullptr;
}

void RecordBuffer::lendBytes(std::size_t bytes) {
  const std::size_t lent = std::min(roundUp(bytes, sizeof(Entry)), capacity_);
  capacity_ -= lent;
  entriesBegin_ = capacity_;
}

bool RecordBuffer::spill() {
  if (failed_) return false;
  if (!empty()) {
    failed_ = !spiller_.spill(*this);
    recordsEnd_ = FIRST;
    entriesBegin_ = capacity_;
  }
  return !failed_;
}

RecordBuffer::Header* RecordBuffer::addSlowly(std::string_view key, std::size_t valueRoom,
                                              std::uint32_t partition) {
  if (failed_) return nullptr;
  if (key.size() > RECORD_PART_BYTES_MAX || valueRoom > RECORD_PART_BYTES_MAX) {
    failed_ = true;
    failure_ = "a key or a value is larger than 1 GiB";
    return nullptr;
  }
  if (!spill()) return nullptr;
  if (Header* const record = tryAdd(key, valueRoom, partition)) return record;
  const std::size_t lent = mapped_ / sizeof(Entry) * sizeof(Entry) - capacity_;
  const std::size_t need = FIRST + sizeof(Header) + key.size() + valueRoom + UNIT + SLACK_BYTES +
                           2 * sizeof(Entry) + lent;
  release();
  if (!reserve(roundUp(need, PAGE))) {
    failed_ = true;
    failure_ = "no memory for a record that is larger than the map's output buffer";
    return nullptr;
  }
  capacity_ -= lent;
  entriesBegin_ = capacity_;
  return tryAdd(key, valueRoom, partition);
}

}  // namespace cairn::mr
