#include "datanode/store/replica_file.h"

#include <algorithm>
#include <array>
#include <string>

#include "common/format/footer.h"
#include "common/io/disk_ops.h"
#include "datanode/store/frame_walk.h"

namespace cairn::dn {
namespace {

// A whole file is checked in pieces of this size.
constexpr std::size_t PIECE_BYTES = 1_MiB;

}  // namespace

Result<std::shared_ptr<const ReplicaFile>> ReplicaFile::open(Volume& volume, const FinalName& name,
                                                             const ClusterId& cluster) {
  ASSIGN(auto file, volume.openFinal(name));
  const std::string path = file->path();
  std::shared_ptr<ReplicaFile> replica(new ReplicaFile(name, std::move(file)));
  if (auto loaded = replica->load(cluster); !loaded.has_value()) {
    return fail(loaded.error().withContext(path));
  }
  return replica;
}

Result<void> ReplicaFile::load(const ClusterId& cluster) {
  ASSIGN(const auto size, file_->size());
  if (size != name_.storedLength) {
    return fail(Code::CORRUPT, "the file has " + std::to_string(size) + " bytes; its name says " +
                                   std::to_string(name_.storedLength));
  }
  if (size < format::CHUNK_HEADER_BYTES + format::TRAILER_BYTES) {
    return fail(Code::CORRUPT, "the file is too short for a replica");
  }
  ASSIGN(const auto header, readHeader(*file_, name_.key.chunk, cluster));
  std::array<std::byte, format::TRAILER_BYTES> tail;
  TRY(io::readExactlyAt(*file_, size - tail.size(), tail));
  ASSIGN(trailer_, format::decodeTrailer(tail, name_.key.chunk, size));
  if (trailer_.plainLength != name_.length) {
    return fail(Code::CORRUPT, "the file holds " + std::to_string(trailer_.plainLength) +
                                   " plain bytes; its name says " + std::to_string(name_.length));
  }
  ByteVector footer(format::footerBytes(trailer_.frameCount));
  TRY(io::readExactlyAt(*file_, trailer_.framesEnd, footer));
  ASSIGN(index_, format::decodeFooter(footer, trailer_, header.frameSize));
  frameSize_ = header.frameSize;
  plainCrcs_ = format::PrefixCrcs(index_.frameCount(), trailer_.plainCrc);
  return {};
}

ReplicaCheck::ReplicaCheck(std::shared_ptr<const ReplicaFile> file, Cache cache)
    : file_(std::move(file)),
      cache_(cache),
      scan_(file_->name().key.chunk, file_->frameSize(), format::ChunkScan::Depth::PLAIN),
      at_(format::CHUNK_HEADER_BYTES),
      piece_(PIECE_BYTES) {}

Result<bool> ReplicaCheck::next() {
  auto& file = *file_->file();
  const auto& path = file.path();
  const auto& trailer = file_->trailer();
  if (cache_ == Cache::PASS && at_ == format::CHUNK_HEADER_BYTES) file.dropCache(0, 0);
  if (at_ < trailer.framesEnd) {
    const auto bytes = MutableBytes(piece_).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(piece_.size(), trailer.framesEnd - at_)));
    TRY(io::readExactlyAt(file, at_, bytes));
    if (cache_ == Cache::PASS) file.dropCache(at_, bytes.size());
    scan_.feed(bytes);
    at_ += bytes.size();
  }
  if (scan_.damage()) return fail(scan_.damage()->withContext(path));
  if (at_ < trailer.framesEnd && !scan_.stopped()) return false;
  if (scan_.index() != file_->index() || scan_.plainCrc() != trailer.plainCrc ||
      scan_.digest().md5() != trailer.md5) {
    return fail(Code::CORRUPT, path + ": the frames are not those that were sealed");
  }
  return true;
}

}  // namespace cairn::dn
