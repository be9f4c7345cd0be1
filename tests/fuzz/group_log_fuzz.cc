// A segment of the namenode's log with any content: opening ends in an error, or in a log that
// takes groups and replays the same ones when it is opened again; a payload ends in an error or in
// rows that lie within it.
//
// First byte: bit 0 repairs the checksums of both heads and of the records, as damage that happens
// to fit (or a hostile disk) would.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "common/format/crc32c.h"
#include "common/io/disk_ops.h"
#include "common/io/memory_disk.h"
#include "namenode/meta/change_hash.h"
#include "namenode/meta/group_log.h"

namespace cairn::nn {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void repair(ByteVector& file) {
  for (const std::size_t head : {std::size_t{0}, SEGMENT_SECOND_HEAD}) {
    if (file.size() < head + SEGMENT_HEAD_BYTES) return;
    storeLittle(file.data() + head + 64, format::crc32c(ByteView(file).subspan(head, 64)));
  }
  for (std::uint64_t at = SEGMENT_PAGE_BYTES; at + RECORD_HEAD_BYTES <= file.size();) {
    const auto length = loadLittle<std::uint32_t>(file.data() + at + 4);
    if (length > file.size() - at - RECORD_HEAD_BYTES) return;
    storeLittle(file.data() + at + 24,
                format::crc32c(ByteView(file).subspan(at + RECORD_HEAD_BYTES, length)));
    storeLittle(file.data() + at + 28, format::crc32c(ByteView(file).subspan(at, 28)));
    at += recordBytes(length);
  }
}

std::vector<std::uint64_t> openAndAppend(io::Disk& disk, const ClusterId& cluster,
                                         std::uint64_t secret) {
  std::vector<std::uint64_t> groups;
  auto log = GroupLog::open(
      disk, {.cluster = cluster, .secret = secret, .segmentBytes = 16384, .growBytes = 4096},
      [&](TxId txid, ByteView payload) -> Result<void> {
        groups.push_back(txid.value);
        (void)decodeGroup(payload, [&](const GroupRow& row) -> Result<void> {
          const auto text = asText(payload);
          require(row.key.data() >= text.data());
          require(row.key.data() + row.key.size() <= text.data() + text.size());
          return {};
        });
        return {};
      },
      TxId(2));
  if (!log.has_value()) return {};
  const TxId next((*log)->last().value + 1);
  if (next.value > 1) {
    require((*log)->append(next, asBytes("x")).has_value());
    groups.push_back(next.value);
  }
  return groups;
}

}  // namespace
}  // namespace cairn::nn

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn::nn;
  if (size == 0) return 0;
  const auto input = std::as_bytes(std::span(data, size)).subspan(1);
  cairn::ByteVector file(input.begin(), input.end());
  if ((data[0] & 1) != 0) repair(file);
  cairn::ClusterId cluster;
  if (const auto page = decodeSegmentPage(file); page.has_value() && page->has_value()) {
    cluster = (*page)->cluster;
  }
  cairn::io::MemoryDisk disk;
  require(cairn::io::writeFileAtomically(disk, "segment-1", file).has_value());
  // Secrets that the input cannot hold: they depend on all of it.
  ChangeHash secret(0);
  secret.add(cairn::asText(file));
  const auto first = openAndAppend(disk, cluster, secret.value());
  if (first.empty()) return 0;
  auto second = openAndAppend(disk, cluster, ~secret.value());
  require(!second.empty());
  second.pop_back();
  require(first == second);
  return 0;
}
