#include "datanode/store/recover_unfinished.h"

#include <limits>

#include "common/format/chunk_scan.h"
#include "datanode/store/frame_walk.h"

namespace cairn::dn {

Result<std::shared_ptr<const ReplicaFile>> recoverUnfinished(Volume& volume, const ReplicaKey& key,
                                                             const ClusterId& cluster, bool cut) {
  ASSIGN(std::shared_ptr<io::File> file, volume.openUnfinished(key));
  ASSIGN(const auto header, readHeader(*file, key.chunk, cluster));
  format::ChunkScan scan(header.frameSize, format::ChunkScan::Depth::STORED);
  FrameWalk walk(*file, header.frameSize, std::numeric_limits<std::uint64_t>::max());
  TRY(walk.all(scan));
  const auto end = scan.index().framesEnd();
  ASSIGN(const auto size, file->size());
  if (cut && end < size) {
    TRY(volume.truncate(*file, end));
    TRY(volume.syncUnfinished(*file, true));
  }
  const FinalName name{key, scan.index().plainLength(), end};
  return std::make_shared<const ReplicaFile>(name, std::move(file), header.frameSize, scan.index());
}

}  // namespace cairn::dn
