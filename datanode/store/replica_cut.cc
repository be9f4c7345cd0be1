#include "datanode/store/replica_cut.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/units.h"
#include "common/format/footer.h"
#include "common/io/disk_ops.h"

namespace cairn::dn {
namespace {

constexpr std::uint64_t PIECE_BYTES = 1_MiB;

}  // namespace

ReplicaCut::ReplicaCut(std::shared_ptr<Volume> volume, ResumeSource source, const ReplicaKey& key,
                       std::uint64_t length)
    : volume_(std::move(volume)), source_(std::move(source)), key_(key), length_(length) {}

Result<std::unique_ptr<ReplicaCut>> ReplicaCut::begin(std::shared_ptr<Volume> volume,
                                                      const ResumeSource& source,
                                                      const ReplicaKey& key,
                                                      const ClusterId& cluster,
                                                      std::uint64_t length) {
  std::unique_ptr<ReplicaCut> cut(new ReplicaCut(std::move(volume), source, key, length));
  ASSIGN(cut->file_, source.sealed ? cut->volume_->openFinal(*source.sealed)
                                   : cut->volume_->openUnfinished(source.key));
  ASSIGN(cut->header_, readHeader(*cut->file_, key.chunk, cluster));
  cut->walk_.emplace(*cut->file_, cut->header_.frameSize, length);
  cut->scan_.emplace(key.chunk, cut->header_.frameSize, format::ChunkScan::Depth::PLAIN);
  return cut;
}

Result<bool> ReplicaCut::next() {
  if (!part_.empty()) return copyPiece();
  ASSIGN(const bool done, walk_->next(*scan_));
  if (!done) return false;
  if (scan_->damage()) return fail(scan_->damage()->withContext(file_->path()));
  framesEnd_ = scan_->index().framesEnd();
  framesPlain_ = scan_->index().plainLength();
  if (scan_->index().plainLength() == length_) return true;
  if (const auto* beyond = walk_->beyond()) {
    TRY(keepPart(*beyond));
    return false;
  }
  return fail(Code::INVALID_ARGUMENT, source_.key.toString() + " has only " +
                                          std::to_string(scan_->index().plainLength()) +
                                          " good bytes here, not " + std::to_string(length_));
}

Result<void> ReplicaCut::keepPart(const format::Frame& frame) {
  const auto number = scan_->index().frameCount();
  if (frame.header.sequence != number) {
    return fail(Code::CORRUPT,
                file_->path() + ": frame " + std::to_string(number) + " is not where it belongs");
  }
  ByteVector plain(frame.header.plainLength);
  TRY(format::decodeFrame(frame, key_.chunk, plain));
  const auto kept =
      ByteView(plain).first(static_cast<std::size_t>(length_ - scan_->index().plainLength()));
  part_.resize(format::encodedFrameMax(kept.size()));
  format::PieceDigest digest;
  part_.resize(
      format::encodeFrame({.codec = format::Codec::RAW}, key_.chunk, number, kept, part_, digest));
  scan_->feed(part_);
  if (scan_->damage()) return fail(*scan_->damage());
  ASSIGN(copy_, ReplicaCopy::create(volume_, key_, header_));
  return {};
}

Result<bool> ReplicaCut::copyPiece() {
  // Of whole frames as the index has them, so that the copy can check them.
  const auto span =
      scan_->index().cover(copy_->length(), framesPlain_ - copy_->length(), PIECE_BYTES);
  if (span.frameCount > 0) {
    ByteVector piece(static_cast<std::size_t>(span.fileLength));
    TRY(io::readExactlyAt(*file_, span.fileOffset, piece));
    TRY(copy_->append(piece));
    return false;
  }
  TRY(copy_->append(part_));
  return true;
}

Result<FinalName> ReplicaCut::finish(ResumeTraces& traces) {
  if (!copy_) return sealInPlace(traces);
  ASSIGN(const auto name, copy_->publish(scan_->plainCrc(), scan_->digest().md5()));
  [[maybe_unused]] const auto removed = volume_->removeReplica(
      source_.sealed ? finalPathOf(*source_.sealed) : rbwPathOf(source_.key));
  return name;
}

Result<FinalName> ReplicaCut::sealInPlace(ResumeTraces& traces) {
  if (source_.sealed && source_.sealed->length == length_) {
    // Nothing to cut: the generation stands in the name alone.
    const FinalName name{key_, length_, source_.sealed->storedLength};
    TRY(volume_->renameFinal(*source_.sealed, name));
    return name;
  }
  if (source_.sealed) {
    TRY(volume_->reopenFinal(*source_.sealed));
    traces.reopened = true;
  }
  ASSIGN(auto file, volume_->openUnfinished(source_.key));
  TRY(volume_->truncate(*file, framesEnd_));
  traces.cutTo = length_;
  const auto tail =
      format::encodeTail(key_.chunk, scan_->index(), scan_->plainCrc(), scan_->digest().md5());
  TRY(volume_->append(*file, tail));
  const FinalName name{key_, length_, framesEnd_ + tail.size()};
  TRY(volume_->publish(*file, rbwPathOf(source_.key), name));
  return name;
}

}  // namespace cairn::dn
