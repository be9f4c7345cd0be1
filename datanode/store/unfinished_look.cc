#include "datanode/store/unfinished_look.h"

#include <limits>
#include <utility>

namespace cairn::dn {

UnfinishedLook::UnfinishedLook(const ReplicaKey& key, std::unique_ptr<io::File> file,
                               std::uint32_t frameSize, When when)
    : key_(key),
      file_(std::move(file)),
      frameSize_(frameSize),
      when_(when),
      scan_(key.chunk, frameSize, format::ChunkScan::Depth::STORED),
      walk_(*file_, frameSize, std::numeric_limits<std::uint64_t>::max()) {}

Result<std::unique_ptr<UnfinishedLook>> UnfinishedLook::begin(Volume& volume, const ReplicaKey& key,
                                                              const ClusterId& cluster, When when) {
  ASSIGN(auto file, volume.openUnfinished(key));
  // The process may have ended after an fsync that failed, and Linux keeps pages that did not reach
  // the disk, as clean ones: what they hold was never promised, and would be trusted. So the disk
  // itself is read. Pages that are still dirty stay, and may be relied on: nothing has failed yet,
  // and should it fail, the fsync that seals or hands on the replica tells, as it does of every
  // failure since the file was opened, and of earlier ones that nobody was told of.
  if (when == When::AFTER_START) file->dropCache(0, 0);
  ASSIGN(const auto header, readHeader(*file, key.chunk, cluster));
  return std::unique_ptr<UnfinishedLook>(
      new UnfinishedLook(key, std::move(file), header.frameSize, when));
}

Result<bool> UnfinishedLook::next() {
  if (later_) return later_->next();
  ASSIGN(const bool done, walk_.next(scan_));
  if (!done || when_ == When::AGAIN) return done;
  const auto& good = scan_.index();
  ASSIGN(const auto size, file_->size());
  if (size == good.framesEnd()) return true;
  later_.emplace(*file_, key_.chunk, frameSize_, good.framesEnd(), good.frameCount());
  return false;
}

Result<std::shared_ptr<const ReplicaFile>> UnfinishedLook::finish(Volume& volume) {
  const auto end = scan_.index().framesEnd();
  ASSIGN(const auto size, file_->size());
  if (when_ == When::AFTER_START && !damaged() && end < size) {
    TRY(volume.truncate(*file_, end));
    TRY(volume.syncUnfinished(*file_, true));
  }
  const FinalName name{key_, scan_.index().plainLength(), end};
  return std::make_shared<const ReplicaFile>(name, file_, frameSize_, scan_.index(),
                                             scan_.plainCrcs());
}

}  // namespace cairn::dn
