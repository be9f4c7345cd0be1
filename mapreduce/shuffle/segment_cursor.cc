#include "mapreduce/shuffle/segment_cursor.h"

#include <zstd.h>

#include <algorithm>
#include <string>

#include "common/format/crc32c.h"
#include "mapreduce/api/engine_conf.h"
#include "mapreduce/shuffle/local_file.h"

namespace cairn::mr {

struct SegmentCursor::Decompressor {
  Decompressor() : context(ZSTD_createDCtx()) {}
  ~Decompressor() { ZSTD_freeDCtx(context); }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  ZSTD_DCtx* context;
  std::unique_ptr<std::byte[]> plain;
  std::size_t room = 0;
};

SegmentCursor::SegmentCursor(ByteView segment, const SegmentPlace& place)
    : place_(place), memory_(segment), fd_(-1) {}

SegmentCursor::SegmentCursor(int fd, const SegmentPlace& place) : place_(place), fd_(fd) {}

SegmentCursor::~SegmentCursor() = default;

bool SegmentCursor::damaged(std::string_view what) {
  failure_.emplace(Code::CORRUPT, "intermediate data is damaged: " + std::string(what));
  at_ = end_ = nullptr;
  consumed_ = place_.lengthBytes;
  return false;
}

bool SegmentCursor::nextBlock() {
  if (failure_) return false;
  const std::uint64_t left = place_.lengthBytes - consumed_;
  if (left == 0) {
    if (records_ != place_.records || plainSeen_ != place_.plainBytes) {
      return damaged("a segment has not the records it should have");
    }
    return false;
  }
  const std::uint64_t held = fd_ < 0 ? memory_.size() - consumed_ : left;
  if (left < BLOCK_HEADER_BYTES || held < left) return damaged("a block is cut short");

  std::byte headerBytes[BLOCK_HEADER_BYTES];
  const std::byte* header = headerBytes;
  if (fd_ < 0) {
    header = memory_.data() + consumed_;
  } else if (auto read = readFully(fd_, place_.offset + consumed_, headerBytes);
             !read.has_value()) {
    failure_ = std::move(read).error();
    return false;
  }
  const BlockHeader block = loadBlockHeader(header);
  const bool raw = block.codec == static_cast<std::uint32_t>(Compression::NONE);
  if (block.storedBytes == 0 || block.plainBytes == 0 ||
      block.storedBytes > left - BLOCK_HEADER_BYTES ||
      block.plainBytes > place_.plainBytes - plainSeen_ ||
      (raw ? block.plainBytes != block.storedBytes
           : block.codec != static_cast<std::uint32_t>(Compression::ZSTD))) {
    return damaged("a block's header makes no sense");
  }
  const std::byte* payload = header + BLOCK_HEADER_BYTES;
  if (fd_ >= 0) {
    if (storedRoom_ < block.storedBytes) {
      storedRoom_ = std::max<std::size_t>(block.storedBytes, BLOCK_PLAIN_BYTES * 5 / 4);
      stored_.reset(new std::byte[storedRoom_]);
    }
    if (auto read = readFully(fd_, place_.offset + consumed_ + BLOCK_HEADER_BYTES,
                              {stored_.get(), block.storedBytes});
        !read.has_value()) {
      failure_ = std::move(read).error();
      return false;
    }
    payload = stored_.get();
  }
  const auto crc = format::crc32c({payload, block.storedBytes},
                                  format::crc32c({header, BLOCK_HEADER_CHECKED_BYTES}));
  if (crc != block.crc32c) return damaged("a block's checksum does not match");
  const std::byte* plain = payload;
  if (!raw) {
    if (decompressor_ == nullptr) decompressor_ = std::make_unique<Decompressor>();
    if (decompressor_->room < block.plainBytes) {
      decompressor_->room = std::max<std::size_t>(block.plainBytes, BLOCK_PLAIN_BYTES * 5 / 4);
      decompressor_->plain.reset(new std::byte[decompressor_->room]);
    }
    const auto size = ZSTD_decompressDCtx(decompressor_->context, decompressor_->plain.get(),
                                          block.plainBytes, payload, block.storedBytes);
    if (ZSTD_isError(size) != 0 || size != block.plainBytes) {
      return damaged("a block does not decompress");
    }
    plain = decompressor_->plain.get();
  }
  at_ = reinterpret_cast<const char*>(plain);
  end_ = at_ + block.plainBytes;
  consumed_ += BLOCK_HEADER_BYTES + block.storedBytes;
  plainSeen_ += block.plainBytes;
  return true;
}

Result<void> checkSegment(ByteView segment, const SegmentPlace& place) {
  if (segment.size() != place.lengthBytes || format::crc32c(segment) != place.crc32c) {
    return fail(Code::CORRUPT, "a map's output does not match its checksum");
  }
  return {};
}

Result<void> checkSegment(int fd, const SegmentPlace& place) {
  constexpr std::size_t PIECE_BYTES = std::size_t{256} << 10;
  const std::unique_ptr<std::byte[]> piece(new std::byte[PIECE_BYTES]);
  std::uint32_t crc = 0;
  for (std::uint64_t done = 0; done < place.lengthBytes;) {
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(PIECE_BYTES, place.lengthBytes - done));
    TRY(readFully(fd, place.offset + done, {piece.get(), size}));
    crc = format::crc32c({piece.get(), size}, crc);
    done += size;
  }
  if (crc != place.crc32c) {
    return fail(Code::CORRUPT, "a map's output does not match its checksum");
  }
  return {};
}

}  // namespace cairn::mr
