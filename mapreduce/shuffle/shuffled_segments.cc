#include "mapreduce/shuffle/shuffled_segments.h"

#include <algorithm>
#include <utility>

#include "mapreduce/shuffle/local_file.h"
#include "mapreduce/shuffle/segment_writer.h"

namespace cairn::mr {
namespace {

// Map outputs of this host read where they lie, at most; the usual limit of a process is 1024
// descriptors. More than that are copied into one file.
constexpr std::size_t DESCRIPTORS_MAX = 256;

// Whatever keeps a map's file from being read (damage, a bad sector) is cured by the same thing:
// another attempt of the map.
Result<void> asDamage(Result<void> read) {
  if (read.has_value() || read.error().code() == Code::CORRUPT) return read;
  return fail(Code::CORRUPT, read.error().message());
}

}  // namespace

struct ShuffledSegments::Held {
  std::uint32_t mapIndex = 0;
  SegmentPlace place;
  // One of: bytes that came, bytes read here, a file.
  ByteVector fetched;
  std::unique_ptr<std::byte[]> read;
  UniqueFd ownFd;  // of a map's output or a merged run
  int fd = -1;     // ownFd, or the spill file

  bool onDisk() const { return fd >= 0; }
  ByteView memory() const {
    return read != nullptr ? ByteView(read.get(), place.lengthBytes) : ByteView(fetched);
  }
};

ShuffledSegments::ShuffledSegments(std::string directory, const EngineConf& conf)
    : directory_(std::move(directory)), conf_(conf) {}

ShuffledSegments::~ShuffledSegments() = default;

Result<void> ShuffledSegments::add(FetchedSegment segment) {
  if (segment.place.lengthBytes > 0) {
    ASSIGN(auto held, keep(segment));
    held.mapIndex = segment.mapIndex;
    bytes_ += held.place.lengthBytes;
    held_.push_back(std::move(held));
  }
  ++added_;
  return {};
}

Result<ShuffledSegments::Held> ShuffledSegments::keep(FetchedSegment& segment) {
  const SegmentPlace& place = segment.place;
  // The length is what a peer says: it must not overflow.
  const bool fits = place.lengthBytes <= conf_.shuffleMemoryBytes - memoryBytes_;
  Held held;
  held.place = place;
  if (auto* const bytes = std::get_if<ByteVector>(&segment.body)) {
    TRY(checkSegment(*bytes, place));
    if (!fits) return spill(*bytes, place);
    held.fetched = std::move(*bytes);
    memoryBytes_ += place.lengthBytes;
    return held;
  }
  UniqueFd& fd = std::get<FetchedSegment::InFile>(segment.body).fd;
  if (fits) {
    std::unique_ptr<std::byte[]> read(new std::byte[place.lengthBytes]);
    const MutableBytes bytes(read.get(), place.lengthBytes);
    TRY(asDamage(readFully(fd.get(), place.offset, bytes)));
    TRY(checkSegment(bytes, place));
    held.read = std::move(read);
    memoryBytes_ += place.lengthBytes;
    return held;
  }
  // Too large for memory, but on this host: merged from where it lies.
  TRY(asDamage(checkSegment(fd.get(), place)));
  if (descriptors_ >= DESCRIPTORS_MAX) return copyToSpill(fd.get(), place);
  ++descriptors_;
  held.ownFd = std::move(fd);
  held.fd = held.ownFd.get();
  return held;
}

Result<ShuffledSegments::Held> ShuffledSegments::spill(ByteView bytes, const SegmentPlace& place) {
  TRY(openSpill());
  TRY(writeFully(spillFile_.get(), bytes));
  return spilled(place);
}

Result<ShuffledSegments::Held> ShuffledSegments::copyToSpill(int fd, const SegmentPlace& place) {
  TRY(openSpill());
  constexpr std::size_t PIECE_BYTES = std::size_t{1} << 20;
  const std::unique_ptr<std::byte[]> piece(new std::byte[PIECE_BYTES]);
  for (std::uint64_t done = 0; done < place.lengthBytes;) {
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(PIECE_BYTES, place.lengthBytes - done));
    if (const auto read = readFully(fd, place.offset + done, {piece.get(), size});
        !read.has_value()) {
      // It was whole a moment ago; the spill file now holds a part of it.
      return fail(Code::IO_ERROR, read.error().message());
    }
    TRY(writeFully(spillFile_.get(), {piece.get(), size}));
    done += size;
  }
  return spilled(place);
}

Result<void> ShuffledSegments::openSpill() {
  if (spillFile_) return {};
  ASSIGN(spillFile_, createLocalFile(directory_ + "/shuffle"));
  return {};
}

ShuffledSegments::Held ShuffledSegments::spilled(const SegmentPlace& place) {
  Held held;
  held.place = place;
  held.place.offset = spillBytes_;
  held.fd = spillFile_.get();
  spillBytes_ += place.lengthBytes;
  spilledRecords_ += place.records;
  return held;
}

std::unique_ptr<SegmentCursor> ShuffledSegments::cursorOf(const Held& held) const {
  return held.onDisk() ? std::make_unique<SegmentCursor>(held.fd, held.place)
                       : std::make_unique<SegmentCursor>(held.memory(), held.place);
}

Result<void> ShuffledSegments::mergeDown(const Tick& tick) {
  // Neighbours become one, so that equal keys keep the order of their maps.
  std::vector<Held> fewer;
  for (std::size_t begin = 0; begin < held_.size();) {
    std::size_t end = begin;
    for (std::size_t onDisk = 0; end < held_.size(); ++end) {
      onDisk += held_[end].onDisk() ? 1 : 0;
      if (onDisk > conf_.mergeFanIn) break;
    }
    std::vector<std::unique_ptr<SegmentCursor>> sources;
    for (std::size_t i = begin; i < end; ++i) sources.push_back(cursorOf(held_[i]));
    const std::string path = directory_ + "/merged-" + std::to_string(filesMade_++);
    ASSIGN(auto writer, SegmentWriter::create(path, 1, conf_.mapOutputCompression));
    MergedRecords records(std::move(sources));
    CopyTotals totals;
    TRY(copyRecords(records, nullptr, *writer, tick, totals));
    if (records.failure()) return fail(*records.failure());
    spilledRecords_ += totals.written;
    Held merged;
    merged.mapIndex = held_[begin].mapIndex;
    ASSIGN(auto index, writer->close());
    merged.place = index.partitions[0];
    ASSIGN(merged.ownFd, openLocalFile(path));
    merged.fd = merged.ownFd.get();
    fewer.push_back(std::move(merged));
    for (std::size_t i = begin; i < end; ++i) held_[i] = Held();
    begin = end;
  }
  held_ = std::move(fewer);
  return {};
}

Result<std::unique_ptr<MergedRecords>> ShuffledSegments::merge(const Tick& tick) {
  std::ranges::sort(held_, {}, &Held::mapIndex);
  while (static_cast<std::size_t>(std::ranges::count_if(held_, &Held::onDisk)) > conf_.mergeFanIn) {
    TRY(mergeDown(tick));
  }
  std::vector<std::unique_ptr<SegmentCursor>> sources;
  for (const auto& held : held_) sources.push_back(cursorOf(held));
  return std::make_unique<MergedRecords>(std::move(sources));
}

}  // namespace cairn::mr
