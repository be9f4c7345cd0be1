#include "datanode/store/unfinished_look.h"

#include <limits>
#include <utility>

namespace cairn::dn {

UnfinishedLook::UnfinishedLook(const ReplicaKey& key, std::unique_ptr<io::File> file,
                               std::uint32_t frameSize)
    : key_(key),
      file_(std::move(file)),
      frameSize_(frameSize),
      scan_(frameSize, format::ChunkScan::Depth::STORED),
      walk_(*file_, frameSize, std::numeric_limits<std::uint64_t>::max()) {}

Result<std::unique_ptr<UnfinishedLook>> UnfinishedLook::begin(Volume& volume, const ReplicaKey& key,
                                                              const ClusterId& cluster) {
  ASSIGN(auto file, volume.openUnfinished(key));
  ASSIGN(const auto header, readHeader(*file, key.chunk, cluster));
  return std::unique_ptr<UnfinishedLook>(
      new UnfinishedLook(key, std::move(file), header.frameSize));
}

Result<bool> UnfinishedLook::next() { return walk_.next(scan_); }

Result<std::shared_ptr<const ReplicaFile>> UnfinishedLook::finish(Volume& volume, bool cut) {
  const auto end = scan_.index().framesEnd();
  ASSIGN(const auto size, file_->size());
  if (cut && end < size) {
    TRY(volume.truncate(*file_, end));
    TRY(volume.syncUnfinished(*file_, true));
  }
  const FinalName name{key_, scan_.index().plainLength(), end};
  return std::make_shared<const ReplicaFile>(name, file_, frameSize_, scan_.index(),
                                             scan_.plainCrcs());
}

}  // namespace cairn::dn
