#include "datanode/store/replica_appender.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/base/fault.h"
#include "common/base/units.h"
#include "common/format/footer.h"
#include "datanode/store/replica_file.h"

namespace cairn::dn {
namespace {

// The disk begins to write when so much is dirty: the fsync at the end then has little left to do.
// 8 MiB are some 50 ms of a single disk.
constexpr std::uint64_t WRITEBACK_BYTES = 8_MiB;

}  // namespace

ReplicaAppender::ReplicaAppender(std::shared_ptr<Volume> volume, const ReplicaKey& key,
                                 std::uint32_t frameSize, format::ChunkScan::Depth depth,
                                 std::uint64_t lengthMax, format::ChunkScan scan)
    : volume_(std::move(volume)),
      key_(key),
      frameSize_(frameSize),
      depth_(depth),
      lengthMax_(lengthMax),
      scan_(std::move(scan)),
      kept_(scan_.index().plainLength()),
      length_(scan_.index().plainLength()),
      storedLength_(scan_.index().framesEnd()),
      writebackFrom_(storedLength_) {}

Result<std::unique_ptr<ReplicaAppender>> ReplicaAppender::create(std::shared_ptr<Volume> volume,
                                                                 const ReplicaKey& key,
                                                                 const format::ChunkHeader& header,
                                                                 format::ChunkScan::Depth depth,
                                                                 std::uint64_t lengthMax) {
  std::unique_ptr<ReplicaAppender> appender(
      new ReplicaAppender(std::move(volume), key, header.frameSize, depth, lengthMax,
                          format::ChunkScan(key.chunk, header.frameSize, depth)));
  ASSIGN(appender->file_, appender->volume_->createUnfinished(key));
  TRY(appender->volume_->append(*appender->file_, format::encodeChunkHeader(header)));
  return appender;
}

Result<std::unique_ptr<ReplicaAppender>> ReplicaAppender::resume(
    std::shared_ptr<Volume> volume, const ResumeSource& source, const ReplicaKey& key,
    const ClusterId& cluster, std::uint64_t length, format::ChunkScan::Depth depth,
    std::uint64_t lengthMax, ResumeTraces& traces) {
  auto known = source.known;
  if (source.sealed) {
    ASSIGN(known, ReplicaFile::open(*volume, *source.sealed, cluster));
  } else if (known == nullptr) {
    return fail(Code::INTERNAL, source.key.toString() + " was not looked through");
  }
  const auto& index = known->index();
  if (index.plainLength() < length) {
    return fail(Code::INVALID_ARGUMENT, source.key.toString() + " has only " +
                                            std::to_string(index.plainLength()) +
                                            " good bytes here, not " + std::to_string(length));
  }
  const auto kept = std::max(length, std::min(source.shown, index.plainLength()));
  const auto frames = index.framesOf(kept);
  if (!frames || !index.framesOf(length)) {
    return fail(Code::INVALID_ARGUMENT, source.key.toString() + ": byte " + std::to_string(length) +
                                            " lies inside a frame, where nothing can be appended");
  }
  const auto frameSize = known->frameSize();
  std::optional<format::ChunkScan> scan;
  if (auto crcs = known->plainCrcs().first(*frames)) {
    auto some = index;
    some.truncate(*frames);
    scan.emplace(key.chunk, frameSize, depth, std::move(some), *std::move(crcs));
  } else {
    // Looked through before anything is changed.
    scan.emplace(key.chunk, frameSize, depth);
    FrameWalk walk(*known->file(), frameSize, kept);
    TRY(walk.all(*scan));
    if (scan->damage()) return fail(scan->damage()->withContext(known->file()->path()));
    if (scan->index().plainLength() != kept) {
      return fail(Code::CORRUPT, known->file()->path() + ": of " + std::to_string(kept) +
                                     " bytes only " + std::to_string(scan->index().plainLength()) +
                                     " are good");
    }
  }
  if (source.sealed) {
    TRY(volume->reopenFinal(*source.sealed));
    traces.reopened = true;
  }
  std::unique_ptr<ReplicaAppender> appender(
      new ReplicaAppender(std::move(volume), key, frameSize, depth, lengthMax, *std::move(scan)));
  auto& on = *appender->volume_;
  ASSIGN(appender->file_, on.openUnfinished(source.key));
  TRY(on.truncate(*appender->file_, appender->storedLength_));
  traces.cutTo = kept;
  TRY(on.syncUnfinished(*appender->file_, true));
  if (key != source.key) TRY(on.renameUnfinished(source.key, key));
  appender->nameDurable_ = true;
  return appender;
}

Result<PacketView> ReplicaAppender::behindKept(const PacketView& packet) const {
  const auto& index = scan_.index();
  const auto packetEnd = packet.offset + packet.plainLength;
  const auto end = std::min(packetEnd, kept_);
  const auto first = index.framesOf(packet.offset);
  const auto behind = index.framesOf(end);
  if (!first || !behind || *first >= *behind) {
    return fail(Code::CORRUPT, "what is sent again has other frames than before");
  }
  const auto from = index.frame(*first).fileOffset;
  const auto last = index.frame(*behind - 1);
  const auto bytes = last.fileOffset + last.fileLength - from;
  // No more than was sent, whatever is here.
  const auto sent = packet.frames.first(std::min<std::size_t>(bytes, packet.frames.size()));
  ByteVector here(sent.size());
  ASSIGN(const auto got, file_->readAt(from, here));
  if (sent.size() != bytes || got != bytes || !std::ranges::equal(here, sent)) {
    return fail(Code::CORRUPT, "what is sent again are other bytes than before");
  }
  return PacketView{.offset = end,
                    .plainLength = static_cast<std::uint32_t>(packetEnd - end),
                    .frames = packet.frames.subspan(bytes)};
}

Result<ByteView> ReplicaAppender::check(const PacketView& sent) {
  auto packet = sent;
  if (packet.offset < kept_) {
    ASSIGN(packet, behindKept(sent));
  }
  const auto start = scan_.index().plainLength();
  if (packet.offset != start && packet.plainLength > 0) {
    return fail(Code::INVALID_ARGUMENT, "a packet for byte " + std::to_string(packet.offset) +
                                            " came where byte " + std::to_string(start) +
                                            " belongs");
  }
  if (packet.offset + packet.plainLength > lengthMax_) {
    return fail(Code::LIMIT_EXCEEDED,
                "the chunk was opened for at most " + std::to_string(lengthMax_) + " bytes");
  }
  scan_.feed(packet.frames);
  if (scan_.damage()) return fail(*scan_.damage());
  const auto got = scan_.index().plainLength() - start;
  if (scan_.atFooter() || scan_.pendingBytes() > 0 || got != packet.plainLength) {
    return fail(Code::CORRUPT, "a packet's frames hold " + std::to_string(got) +
                                   " whole plain bytes; it says " +
                                   std::to_string(packet.plainLength));
  }
  return packet.frames;
}

Result<void> ReplicaAppender::append(std::span<const PacketView> packets) {
  TRY(faultError("dn.write.before_append"));
  std::vector<ByteView> parts;
  parts.reserve(packets.size());
  std::uint64_t bytes = 0;
  for (const auto& packet : packets) {
    const auto frames = check(packet);
    if (!frames.has_value()) return fail(frames.error().withContext(key_.toString()));
    parts.push_back(*frames);
    bytes += frames->size();
  }
  TRY(volume_->append(*file_, parts));
  length_ = scan_.index().plainLength();
  storedLength_ += bytes;
  startWriteback();
  return faultError("dn.write.after_append");
}

void ReplicaAppender::startWriteback() {
  if (storedLength_ - writebackFrom_ < WRITEBACK_BYTES) return;
  file_->startWriteback(writebackFrom_, storedLength_ - writebackFrom_);
  writebackFrom_ = storedLength_;
}

Result<void> ReplicaAppender::sync() {
  TRY(volume_->syncUnfinished(*file_, !nameDurable_));
  nameDurable_ = true;
  return {};
}

bool ReplicaAppender::isCounted(const SealSums& sums) const {
  return scan_.hasDigest() || recounted_ ||
         (sums.md5 && depth_ == format::ChunkScan::Depth::STORED);
}

Result<void> ReplicaAppender::count() {
  if (!recount_) {
    recount_.emplace(key_.chunk, frameSize_, format::ChunkScan::Depth::PLAIN);
    recountWalk_.emplace(*file_, frameSize_, length_);
  }
  ASSIGN(const bool done, recountWalk_->next(*recount_));
  if (!done) return {};
  if (recount_->damage()) return fail(recount_->damage()->withContext(file_->path()));
  if (recount_->index().plainLength() != length_ || recount_->plainCrc() != scan_.plainCrc()) {
    return fail(Code::CORRUPT, key_.toString() + ": the file does not hold what was written");
  }
  recounted_ = true;
  return {};
}

Result<FinalName> ReplicaAppender::seal(const SealSums& sums) {
  if (sums.length != length_) {
    return fail(Code::INVALID_ARGUMENT, key_.toString() + ": to be sealed at " +
                                            std::to_string(sums.length) + " bytes, but " +
                                            std::to_string(length_) + " were written");
  }
  const auto* counted = scan_.hasDigest() ? &scan_ : recounted_ ? &*recount_ : nullptr;
  if (sums.md5 && (sums.plainCrc != scan_.plainCrc() ||
                   (counted != nullptr && *sums.md5 != counted->digest().md5()))) {
    return fail(Code::CORRUPT,
                key_.toString() + ": the writer's checksum of the chunk is not that of its frames");
  }
  if (!sums.md5 && counted == nullptr) {
    return fail(Code::INTERNAL, key_.toString() + ": sealed before its sums were counted");
  }
  const auto tail = format::encodeTail(key_.chunk, scan_.index(), scan_.plainCrc(),
                                       sums.md5 ? *sums.md5 : counted->digest().md5());
  TRY(volume_->append(*file_, tail));
  const FinalName name{key_, length_, storedLength_ + tail.size()};
  renaming_ = true;
  TRY(volume_->publish(*file_, name));
  storedLength_ = name.storedLength;
  return name;
}

std::shared_ptr<const ReplicaFile> ReplicaAppender::known() const {
  if (renaming_) return nullptr;
  // The scan may be ahead, by frames that could not be written.
  const auto frames = scan_.index().framesOf(length_);
  auto crcs = scan_.plainCrcs().first(frames.value_or(0));
  if (!frames || !crcs) return nullptr;
  auto index = scan_.index();
  index.truncate(*frames);
  return std::make_shared<const ReplicaFile>(FinalName{key_, length_, storedLength_}, file_,
                                             frameSize_, std::move(index), *std::move(crcs));
}

void ReplicaAppender::abandon() {
  if (renaming_) return;
  [[maybe_unused]] const auto cut = volume_->truncate(*file_, storedLength_);
}

}  // namespace cairn::dn
