#include "datanode/store/replica_appender.h"

#include <string>
#include <vector>

#include "common/base/fault.h"
#include "common/base/units.h"
#include "common/format/footer.h"

namespace cairn::dn {
namespace {

// The disk begins to write when so much is dirty: the fsync at the end then has little left to do.
// 8 MiB are some 50 ms of a single disk.
constexpr std::uint64_t WRITEBACK_BYTES = 8_MiB;

}  // namespace

ReplicaAppender::ReplicaAppender(std::shared_ptr<Volume> volume, const ReplicaKey& key,
                                 const format::ChunkHeader& header, format::ChunkScan::Depth depth,
                                 std::uint64_t lengthMax)
    : volume_(std::move(volume)),
      key_(key),
      depth_(depth),
      lengthMax_(lengthMax),
      scan_(header.frameSize, depth) {}

Result<std::unique_ptr<ReplicaAppender>> ReplicaAppender::create(std::shared_ptr<Volume> volume,
                                                                 const ReplicaKey& key,
                                                                 const format::ChunkHeader& header,
                                                                 format::ChunkScan::Depth depth,
                                                                 std::uint64_t lengthMax) {
  std::unique_ptr<ReplicaAppender> appender(
      new ReplicaAppender(std::move(volume), key, header, depth, lengthMax));
  ASSIGN(appender->file_, appender->volume_->createUnfinished(key));
  const auto bytes = format::encodeChunkHeader(header);
  TRY(appender->file_->append(bytes));
  appender->storedLength_ = bytes.size();
  return appender;
}

Result<void> ReplicaAppender::check(const PacketView& packet) {
  const auto start = scan_.index().plainLength();
  if (packet.offset != start) {
    return fail(Code::INVALID_ARGUMENT, "a packet for byte " + std::to_string(packet.offset) +
                                            " came where byte " + std::to_string(start) +
                                            " belongs");
  }
  if (start + packet.plainLength > lengthMax_) {
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
  return {};
}

Result<void> ReplicaAppender::append(std::span<const PacketView> packets) {
  TRY(faultError("dn.write.before_append"));
  std::vector<ByteView> parts;
  parts.reserve(packets.size());
  std::uint64_t bytes = 0;
  for (const auto& packet : packets) {
    if (auto checked = check(packet); !checked.has_value()) {
      return fail(checked.error().withContext(key_.toString()));
    }
    parts.push_back(packet.frames);
    bytes += packet.frames.size();
  }
  TRY(file_->append(parts));
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

Result<FinalName> ReplicaAppender::seal(const SealSums& sums) {
  if (sums.length != length_) {
    return fail(Code::INVALID_ARGUMENT, key_.toString() + ": to be sealed at " +
                                            std::to_string(sums.length) + " bytes, but " +
                                            std::to_string(length_) + " were written");
  }
  if (sums.plainCrc != scan_.plainCrc() ||
      (depth_ == format::ChunkScan::Depth::PLAIN && sums.md5 != scan_.digest().md5())) {
    return fail(Code::CORRUPT,
                key_.toString() + ": the writer's checksum of the chunk is not that of its frames");
  }
  const auto tail = format::encodeTail(scan_.index(), sums.plainCrc, sums.md5);
  TRY(file_->append(tail));
  const FinalName name{key_, length_, storedLength_ + tail.size()};
  renaming_ = true;
  TRY(volume_->publish(*file_, name));
  storedLength_ = name.storedLength;
  return name;
}

void ReplicaAppender::abandon() {
  if (renaming_) return;
  [[maybe_unused]] const auto cut = file_->truncate(storedLength_);
}

}  // namespace cairn::dn
