#include "datanode/store/index_walk.h"

#include <array>
#include <utility>

#include "common/base/units.h"
#include "common/format/footer.h"
#include "common/format/frame.h"
#include "common/io/disk_ops.h"
#include "datanode/store/frame_walk.h"

namespace cairn::dn {
namespace {

// Room for a piece of some frames, and for the largest frame in any case.
constexpr std::size_t PIECE_BYTES = 1_MiB + format::FRAME_HEADER_BYTES;

// Of a damaged header, the largest there is: a frame's checksum covers its own lengths.
Result<std::uint32_t> frameSizeOf(io::File& file, ChunkId chunk, const ClusterId& cluster) {
  auto header = readHeader(file, chunk, cluster);
  if (header.has_value()) return header->frameSize;
  if (header.error().code() != Code::CORRUPT) return fail(std::move(header).error());
  std::array<std::byte, format::CHUNK_HEADER_BYTES> head;
  ASSIGN(const auto got, file.readAt(0, head));
  if (format::decodeChunkHeader(ByteView(head).first(got)).has_value()) {
    return fail(std::move(header).error());
  }
  return limits::FRAME_SIZE_MAX;
}

}  // namespace

IndexWalk::IndexWalk(const FinalName& name, std::unique_ptr<io::File> file, std::uint32_t frameSize,
                     Status damage)
    : name_(name),
      file_(std::move(file)),
      frameSize_(frameSize),
      damage_(std::move(damage)),
      piece_(PIECE_BYTES) {}

Result<std::unique_ptr<IndexWalk>> IndexWalk::begin(Volume& volume, const FinalName& name,
                                                    const ClusterId& cluster, Status damage) {
  ASSIGN(auto file, volume.openFinal(name));
  ASSIGN(const auto frameSize, frameSizeOf(*file, name.key.chunk, cluster));
  return std::unique_ptr<IndexWalk>(
      new IndexWalk(name, std::move(file), frameSize, std::move(damage)));
}

Result<bool> IndexWalk::next() {
  const auto at = index_.framesEnd();
  if (at < aloneUntil_) return nextAlone();
  const auto got = file_->readAt(at, piece_);
  if (!got.has_value()) {
    aloneUntil_ = at + piece_.size();
    return nextAlone();
  }
  auto rest = ByteView(piece_).first(*got);
  const auto before = index_.frameCount();
  while (index_.plainLength() < name_.length) {
    const auto frame = format::frameAt(rest, frameSize_);
    if (!frame.has_value()) break;
    // One bad frame makes it known that there are any.
    const bool isGood = firstBad_ || format::checkStored(*frame, name_.key.chunk).has_value();
    if (!add(frame->header, isGood)) return true;
    rest = rest.subspan(frame->bytes.size());
  }
  return index_.frameCount() == before || index_.plainLength() == name_.length;
}

bool IndexWalk::nextAlone() {
  const auto at = index_.framesEnd();
  const auto head = MutableBytes(piece_).first(format::FRAME_HEADER_BYTES);
  if (!io::readExactlyAt(*file_, at, head).has_value()) return true;
  const auto header = format::decodeFrameHeader(head, frameSize_);
  if (!header.has_value()) return true;
  const auto bytes = MutableBytes(piece_).first(header->frameBytes());
  const bool isRead = io::readExactlyAt(*file_, at, bytes).has_value();
  if (!isRead) ++unreadableFrames_;
  if (!add(*header, isRead && format::checkStored({*header, bytes}, name_.key.chunk).has_value()))
    return true;
  return unreadableFrames_ == UNREADABLE_FRAMES_MAX || index_.plainLength() == name_.length;
}

bool IndexWalk::add(const format::FrameHeader& header, bool isGood) {
  if (header.sequence != index_.frameCount() ||
      index_.plainLength() + header.plainLength > name_.length) {
    return false;
  }
  if (!isGood && !firstBad_) firstBad_ = index_.frameCount();
  return index_.add(header.plainLength, static_cast<std::uint32_t>(header.frameBytes()))
      .has_value();
}

bool IndexWalk::isWhole() const {
  return index_.plainLength() == name_.length &&
         index_.framesEnd() + format::footerBytes(index_.frameCount()) + format::TRAILER_BYTES ==
             name_.storedLength;
}

std::shared_ptr<const ReplicaFile> IndexWalk::finish() {
  if (firstBad_ && !isWhole()) index_.truncate(*firstBad_);
  return std::make_shared<const ReplicaFile>(name_, file_, frameSize_, std::move(index_), damage_);
}

}  // namespace cairn::dn
