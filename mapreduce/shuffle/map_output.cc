#include "mapreduce/shuffle/map_output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <span>
#include <utility>

#include "mapreduce/shuffle/local_file.h"
#include "mapreduce/shuffle/merge.h"
#include "mapreduce/shuffle/segment_writer.h"
#include "mapreduce/sort/entry_sort.h"

namespace cairn::mr {
namespace {

// The sorted records of one partition in a buffer.
class BufferedRecords {
public:
  BufferedRecords(const RecordBuffer& buffer, std::span<const RecordBuffer::Entry> entries)
      : buffer_(buffer), entries_(entries) {}

  bool next() {
    if (at_ == entries_.size()) return false;
    // Records lie in order of age, not of keys: a cache miss each, unless asked for early.
    if (at_ + AHEAD < entries_.size()) {
      __builtin_prefetch(buffer_.record(entries_[at_ + AHEAD].at));
    }
    record_ = buffer_.record(entries_[at_++].at);
    return true;
  }
  std::string_view key() const { return record_->keyView(); }
  std::string_view value() const { return record_->valueView(); }

private:
  static constexpr std::size_t AHEAD = 8;
  const RecordBuffer& buffer_;
  std::span<const RecordBuffer::Entry> entries_;
  std::size_t at_ = 0;
  const RecordBuffer::Header* record_ = nullptr;
};

}  // namespace

MapOutput::MapOutput(std::string directory, std::uint32_t partitions, const EngineConf& conf,
                     GroupCombiner* combiner, Tick tick)
    : directory_(std::move(directory)),
      partitions_(partitions),
      conf_(conf),
      combiner_(combiner),
      tick_(std::move(tick)) {}

std::string MapOutput::nextRunPath() {
  char name[32];
  std::snprintf(name, sizeof name, "/run-%05zu", filesMade_++);
  return directory_ + name;
}

bool MapOutput::spill(RecordBuffer& buffer) {
  auto run = writeRun(buffer);
  if (!run.has_value()) {
    failure_ = std::move(run).error();
    return false;
  }
  ++spills_;
  runs_.push_back(std::move(*run));
  return true;
}

Result<MapOutput::File> MapOutput::writeRun(RecordBuffer& buffer) {
  sortEntries(buffer, partitions_);
  File run{.path = nextRunPath(), .index = {}};
  ASSIGN(auto writer, SegmentWriter::create(run.path, partitions_, conf_.mapOutputCompression));
  std::span<const RecordBuffer::Entry> rest = buffer.entries();
  while (!rest.empty()) {
    const std::uint32_t partition = rest.front().partition;
    std::size_t count = 1;
    while (count < rest.size() && rest[count].partition == partition) ++count;
    writer->beginPartition(partition);
    BufferedRecords records(buffer, rest.first(count));
    TRY(copyRecords(records, combiner_, *writer, tick_, totals_));
    rest = rest.subspan(count);
  }
  ASSIGN(run.index, writer->close());
  return run;
}

Result<MapOutput::File> MapOutput::mergeRuns(std::size_t count, std::string path) {
  std::vector<UniqueFd> fds;
  for (std::size_t i = 0; i < count; ++i) {
    ASSIGN(auto fd, openLocalFile(runs_[i].path));
    fds.push_back(std::move(fd));
  }
  File merged{.path = std::move(path), .index = {}};
  ASSIGN(auto writer, SegmentWriter::create(merged.path, partitions_, conf_.mapOutputCompression));
  for (std::uint32_t partition = 0; partition < partitions_; ++partition) {
    std::vector<std::unique_ptr<SegmentCursor>> sources;
    for (std::size_t i = 0; i < count; ++i) {
      const auto& place = runs_[i].index.partitions[partition];
      if (place.lengthBytes == 0) continue;
      sources.push_back(std::make_unique<SegmentCursor>(fds[i].get(), place));
    }
    if (sources.empty()) continue;
    writer->beginPartition(partition);
    MergedRecords records(std::move(sources));
    TRY(copyRecords(records, combiner_, *writer, tick_, totals_));
    if (records.failure()) return fail(*records.failure());
  }
  ASSIGN(merged.index, writer->close());
  for (std::size_t i = 0; i < count; ++i) ::unlink(runs_[i].path.c_str());
  return merged;
}

Result<MapOutput::File> MapOutput::finish() {
  if (failure_) return fail(*failure_);
  const std::string path = directory_ + "/map.out";
  while (runs_.size() > conf_.mergeFanIn) {
    // As few as leave a full last merge: what is merged twice costs twice.
    const std::size_t surplus = runs_.size() - conf_.mergeFanIn + 1;
    const std::size_t count = std::min<std::size_t>(surplus, conf_.mergeFanIn);
    ASSIGN(auto merged, mergeRuns(count, nextRunPath()));
    runs_.erase(runs_.begin(), runs_.begin() + static_cast<std::ptrdiff_t>(count));
    runs_.insert(runs_.begin(), std::move(merged));
  }
  if (runs_.size() != 1) return mergeRuns(runs_.size(), path);
  if (std::rename(runs_[0].path.c_str(), path.c_str()) != 0) {
    return fail(statusFromErrno(errno, path));
  }
  return File{.path = path, .index = std::move(runs_[0].index)};
}

}  // namespace cairn::mr
