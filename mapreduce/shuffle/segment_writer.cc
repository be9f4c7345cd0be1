#include "mapreduce/shuffle/segment_writer.h"

#include <zstd.h>

#include <utility>

#include "common/format/crc32c.h"
#include "mapreduce/shuffle/local_file.h"

namespace cairn::mr {

namespace {
// Intermediate data is written and read once: speed counts.
constexpr int ZSTD_LEVEL = 1;
}  // namespace

struct SegmentWriter::Compressor {
  Compressor() : context(ZSTD_createCCtx()) {}
  ~Compressor() { ZSTD_freeCCtx(context); }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // Header room and the compressed payload, in `out`; 0 when it does not pay.
  std::size_t compress(ByteView plain) {
    const std::size_t bound = ZSTD_compressBound(plain.size());
    if (room < BLOCK_HEADER_BYTES + bound) {
      room = BLOCK_HEADER_BYTES + bound;
      out.reset(new char[room]);
    }
    const std::size_t size = ZSTD_compressCCtx(context, out.get() + BLOCK_HEADER_BYTES, bound,
                                               plain.data(), plain.size(), ZSTD_LEVEL);
    return ZSTD_isError(size) != 0 || size > plain.size() - plain.size() / 10 ? 0 : size;
  }

  ZSTD_CCtx* context;
  std::unique_ptr<char[]> out;
  std::size_t room = 0;
};

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::create(const std::string& path,
                                                             std::uint32_t partitions,
                                                             Compression compression) {
  ASSIGN(auto fd, createLocalFile(path));
  return std::unique_ptr<SegmentWriter>(new SegmentWriter(std::move(fd), partitions, compression));
}

SegmentWriter::SegmentWriter(UniqueFd fd, std::uint32_t partitions, Compression compression)
    : fd_(std::move(fd)),
      compressor_(compression == Compression::ZSTD ? std::make_unique<Compressor>() : nullptr),
      room_(2 * BLOCK_PLAIN_BYTES) {
  block_.reset(new char[BLOCK_HEADER_BYTES + room_]);
  index_.partitions.resize(partitions);
}

SegmentWriter::~SegmentWriter() = default;

void SegmentWriter::beginPartition(std::uint32_t partition) {
  endSegment();
  partition_ = partition;
}

void SegmentWriter::makeRoom(std::size_t bytes) {
  writeBlock();
  if (bytes <= room_) return;
  room_ = bytes;
  block_.reset(new char[BLOCK_HEADER_BYTES + room_]);
}

void SegmentWriter::writeBlock() {
  const std::size_t plain = std::exchange(used_, 0);
  if (plain == 0 || failure_) return;
  BlockHeader header{.storedBytes = static_cast<std::uint32_t>(plain),
                     .plainBytes = static_cast<std::uint32_t>(plain)};
  char* out = block_.get();
  if (compressor_ != nullptr) {
    const std::size_t stored =
        compressor_->compress(asBytes({block_.get() + BLOCK_HEADER_BYTES, plain}));
    if (stored > 0) {
      header.storedBytes = static_cast<std::uint32_t>(stored);
      header.codec = static_cast<std::uint32_t>(Compression::ZSTD);
      out = compressor_->out.get();
    }
  }
  auto* const bytes = reinterpret_cast<std::byte*>(out);
  storeBlockHeader(header, bytes);
  const std::uint32_t payloadCrc = format::crc32c({bytes + BLOCK_HEADER_BYTES, header.storedBytes});
  header.crc32c = format::crc32cCombine(format::crc32c({bytes, BLOCK_HEADER_CHECKED_BYTES}),
                                        payloadCrc, header.storedBytes);
  storeBlockHeader(header, bytes);
  // The payload's sum serves twice.
  const std::uint32_t headerCrc = format::crc32c({bytes, BLOCK_HEADER_BYTES}, place_.crc32c);
  place_.crc32c = format::crc32cCombine(headerCrc, payloadCrc, header.storedBytes);
  const std::size_t length = BLOCK_HEADER_BYTES + header.storedBytes;
  if (auto written = writeFully(fd_.get(), {bytes, length}); !written.has_value()) {
    failure_ = std::move(written).error();
    return;
  }
  place_.lengthBytes += length;
  place_.plainBytes += plain;
  index_.fileBytes += length;
}

void SegmentWriter::endSegment() {
  writeBlock();
  if (records_ > 0) {
    place_.records = std::exchange(records_, 0);
    index_.partitions.at(partition_) = place_;
  }
  place_ = SegmentPlace{.offset = index_.fileBytes};
}

Result<MapOutputIndex> SegmentWriter::close() {
  endSegment();
  fd_.reset();
  if (failure_) return fail(std::move(*failure_));
  return std::move(index_);
}

}  // namespace cairn::mr
