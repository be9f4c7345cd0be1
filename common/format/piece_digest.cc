#include "common/format/piece_digest.h"

#include <algorithm>
#include <cassert>

#include "common/base/limits.h"
#include "common/format/crc32c.h"

namespace cairn::format {

constexpr std::uint32_t UNIT = limits::CHECKSUM_UNIT_BYTES;

PieceDigest::PieceDigest(std::uint64_t chunkOffset)
    : startInUnit_(static_cast<std::uint32_t>(chunkOffset % UNIT)) {}

std::uint32_t PieceDigest::endInUnit() const {
  return static_cast<std::uint32_t>((startInUnit_ + length_) % UNIT);
}

std::uint32_t PieceDigest::add(ByteView plain) {
  const auto size = plain.size();
  std::uint32_t crc = 0;
  if (auto begun = endInUnit(); begun != 0) {
    auto head = plain.first(std::min<std::size_t>(UNIT - begun, size));
    crc = crc32c(head);
    if (length_ == 0) {
      if (!head.empty()) unitCrcs_.push_back(crc);
    } else {
      unitCrcs_.back() = crc32cCombine(unitCrcs_.back(), crc, head.size());
    }
    plain = plain.subspan(head.size());
  }
  const auto before = unitCrcs_.size();
  const auto whole = plain.size() / UNIT;
  unitCrcs_.resize(before + whole);
  const auto units = std::span(unitCrcs_).subspan(before);
  crc32cOfUnits(plain.first(whole * UNIT), units);
  crc = crc32cJoinUnits(units, crc);
  if (auto tail = plain.subspan(whole * UNIT); !tail.empty()) {
    unitCrcs_.push_back(crc32c(tail));
    crc = crc32cCombine(crc, unitCrcs_.back(), tail.size());
  }
  plainCrc_ = crc32cCombine(plainCrc_, crc, size);
  length_ += size;
  return crc;
}

void PieceDigest::add(const PieceDigest& next) {
  assert(next.startInUnit() == endInUnit());
  auto crcs = next.unitCrcs();
  if (length_ > 0 && next.length() > 0 && next.startInUnit() != 0) {
    auto bytes = std::min<std::uint64_t>(UNIT - next.startInUnit(), next.length());
    unitCrcs_.back() = crc32cCombine(unitCrcs_.back(), crcs.front(), bytes);
    crcs = crcs.subspan(1);
  }
  unitCrcs_.insert(unitCrcs_.end(), crcs.begin(), crcs.end());
  plainCrc_ = crc32cCombine(plainCrc_, next.plainCrc(), next.length());
  length_ += next.length();
}

}  // namespace cairn::format
