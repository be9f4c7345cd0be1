#include "cairn/mr/record_buffer.h"

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

bool RecordBuffer::reserve(std::size_t bytes) {
  memory_ = LargeMemory();
  memory_ = LargeMemory(bytes);
  base_ = memory_.data();
  capacity_ = entriesBegin_ = memory_.bytes() / sizeof(Entry) * sizeof(Entry);
  recordsEnd_ = FIRST;
  return base_ != nullptr;
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
  const std::size_t lent = memory_.bytes() / sizeof(Entry) * sizeof(Entry) - capacity_;
  const std::size_t need = FIRST + sizeof(Header) + key.size() + valueRoom + UNIT + SLACK_BYTES +
                           2 * sizeof(Entry) + lent;
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
