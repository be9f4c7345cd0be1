#include "common/format/chunk_digest.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "common/base/limits.h"
#include "common/format/crc32c.h"

namespace cairn::format {
namespace {

constexpr std::uint32_t UNIT = limits::CHECKSUM_UNIT_BYTES;

void addBigEndian(Md5Sum& sum, std::span<const std::uint32_t> crcs) {
  constexpr std::size_t BATCH = 256;
  std::array<std::byte, BATCH * 4> bytes;
  while (!crcs.empty()) {
    auto count = std::min(BATCH, crcs.size());
    for (std::size_t i = 0; i < count; ++i) storeBig(bytes.data() + 4 * i, crcs[i]);
    sum.add(ByteView(bytes).first(4 * count));
    crcs = crcs.subspan(count);
  }
}

}  // namespace

void ChunkDigest::add(const PieceDigest& piece) {
  const auto begun = static_cast<std::uint32_t>(length_ % UNIT);
  assert(piece.startInUnit() == begun);
  if (piece.length() == 0) return;
  auto crcs = piece.unitCrcs();
  const auto inFirst = std::min<std::uint64_t>(UNIT - begun, piece.length());
  unitCrc_ = crc32cCombine(unitCrc_, crcs.front(), inFirst);
  length_ += piece.length();
  plainCrc_ = crc32cCombine(plainCrc_, piece.plainCrc(), piece.length());
  crcs = crcs.subspan(1);
  if (begun + inFirst < UNIT) return;
  addBigEndian(wholeUnits_, {&unitCrc_, 1});
  unitCrc_ = 0;
  if (length_ % UNIT != 0 && !crcs.empty()) {
    unitCrc_ = crcs.back();
    crcs = crcs.first(crcs.size() - 1);
  }
  addBigEndian(wholeUnits_, crcs);
}

Md5 ChunkDigest::md5() const {
  auto sum = wholeUnits_;
  if (length_ % UNIT != 0) addBigEndian(sum, {&unitCrc_, 1});
  return sum.sum();
}

}  // namespace cairn::format
