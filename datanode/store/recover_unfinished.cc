#include "datanode/store/recover_unfinished.h"

#include <array>

#include "common/base/units.h"
#include "common/format/chunk_header.h"
#include "common/format/chunk_scan.h"
#include "common/io/disk_ops.h"

namespace cairn::dn {
namespace {

constexpr std::size_t PIECE_BYTES = 1_MiB;

}  // namespace

Result<RecoveredReplica> recoverUnfinished(Volume& volume, const ReplicaKey& key,
                                           const ClusterId& cluster) {
  ASSIGN(auto file, volume.openUnfinished(key));
  std::array<std::byte, format::CHUNK_HEADER_BYTES> head;
  ASSIGN(const auto size, file->size());
  if (size < head.size()) return fail(Code::CORRUPT, file->path() + " has no whole header");
  TRY(io::readExactlyAt(*file, 0, head));
  ASSIGN(const auto header, format::decodeChunkHeader(head));
  if (header.chunk != key.chunk || header.cluster != cluster) {
    return fail(Code::CORRUPT, file->path() + " holds another chunk than its name says");
  }
  format::ChunkScan scan(header.frameSize, format::ChunkScan::Depth::STORED);
  ByteVector piece(PIECE_BYTES);
  for (std::uint64_t at = head.size(); at < size && !scan.stopped();) {
    ASSIGN(const auto got, file->readAt(at, piece));
    if (got == 0) break;
    scan.feed(ByteView(piece).first(got));
    at += got;
  }
  const auto end = scan.index().framesEnd();
  if (end < size) {
    TRY(file->truncate(end));
    TRY(volume.syncUnfinished(*file, true));
  }
  return RecoveredReplica{.length = scan.index().plainLength(), .storedLength = end};
}

}  // namespace cairn::dn
