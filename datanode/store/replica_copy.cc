#include "datanode/store/replica_copy.h"

#include <utility>

#include "common/format/footer.h"

namespace cairn::dn {

ReplicaCopy::ReplicaCopy(std::shared_ptr<Volume> volume, const ReplicaKey& key,
                         std::uint32_t frameSize, format::ChunkScan::Depth depth)
    : volume_(std::move(volume)), key_(key), scan_(key.chunk, frameSize, depth) {}

Result<std::unique_ptr<ReplicaCopy>> ReplicaCopy::create(std::shared_ptr<Volume> volume,
                                                         const ReplicaKey& key,
                                                         const format::ChunkHeader& header,
                                                         format::ChunkScan::Depth depth) {
  std::unique_ptr<ReplicaCopy> copy(
      new ReplicaCopy(std::move(volume), key, header.frameSize, depth));
  ASSIGN(copy->file_, copy->volume_->createCopy(key, &copy->path_));
  TRY(copy->volume_->append(*copy->file_, format::encodeChunkHeader(header)));
  return copy;
}

ReplicaCopy::~ReplicaCopy() {
  if (!kept_ && file_) [[maybe_unused]]
    const auto removed = volume_->remove(path_);
}

Result<void> ReplicaCopy::append(ByteView frames) {
  scan_.feed(frames);
  if (scan_.damage()) return fail(scan_.damage()->withContext(key_.toString()));
  if (scan_.atFooter() || scan_.pendingBytes() > 0) {
    return fail(Code::CORRUPT, key_.toString() + ": what is to be copied is no whole frames");
  }
  return volume_->append(*file_, frames);
}

Result<void> ReplicaCopy::adopt() {
  TRY(volume_->adoptCopy(*file_, path_, key_));
  kept_ = true;
  return {};
}

Result<FinalName> ReplicaCopy::publish(std::uint32_t plainCrc, const format::Md5& md5) {
  const auto tail = format::encodeTail(key_.chunk, scan_.index(), plainCrc, md5);
  TRY(volume_->append(*file_, tail));
  const FinalName name{key_, length(), storedLength() + tail.size()};
  // Once it is tried, the file may have the new name.
  kept_ = true;
  TRY(volume_->publish(*file_, path_, name));
  return name;
}

}  // namespace cairn::dn
