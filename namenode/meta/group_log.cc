#include "namenode/meta/group_log.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/format/crc32c.h"
#include "common/io/disk_ops.h"
#include "namenode/meta/change_hash.h"

namespace cairn::nn {
namespace {

constexpr std::string_view SEGMENT_PREFIX = "segment-";

std::unexpected<Status> describe(const io::Disk& disk, const std::string& path, Status why) {
  return std::unexpected(std::move(why).withContext("the namenode's log " + disk.pathOf(path)));
}

Result<ByteVector> readAll(io::Disk& disk, const std::string& path) {
  ASSIGN(const auto file, disk.open(path, io::OpenMode::READ));
  ASSIGN(const auto size, file->size());
  ByteVector bytes(size);
  TRY(io::readExactlyAt(*file, 0, bytes));
  return bytes;
}

Result<ByteVector> readPage(io::Disk& disk, const std::string& path) {
  ASSIGN(const auto file, disk.open(path, io::OpenMode::READ));
  ByteVector page(SEGMENT_PAGE_BYTES);
  ASSIGN(const auto size, file->readAt(0, page));
  page.resize(size);
  return page;
}

}  // namespace

Result<std::unique_ptr<GroupLog>> GroupLog::open(io::Disk& disk, GroupLogOptions options,
                                                 const Replay& replay, TxId next) {
  std::unique_ptr<GroupLog> log(new GroupLog(disk, options));
  ASSIGN(auto found, log->findSegments());
  TRY(log->checkNewest(found));
  TRY(log->chooseSegments(std::move(found)));
  TRY(log->replay(replay, next));
  TRY(log->begin(TxId(log->last_.value + 1)));
  return log;
}

Result<GroupLog::Found> GroupLog::findSegments() {
  Found found;
  ASSIGN(const auto entries, disk_.list(""));
  for (const auto& entry : entries) {
    if (entry.isDirectory || !entry.name.starts_with(SEGMENT_PREFIX)) continue;
    ASSIGN(const auto page, readPage(disk_, entry.name));
    auto head = decodeSegmentPage(page);
    if (!head.has_value()) return describe(disk_, entry.name, std::move(head).error());
    if (!head->has_value()) {
      found.blank.push_back(entry.name);
      continue;
    }
    if ((*head)->cluster != options_.cluster) {
      return describe(
          disk_, entry.name,
          Status(Code::WRONG_CLUSTER, "it is of cluster " + (*head)->cluster.toString()));
    }
    found.segments.push_back({.path = entry.name, .head = **head, .end = {}, .usedBytes = 0});
  }
  std::ranges::sort(found.segments, {}, [](const Segment& s) { return s.head.sequence; });
  return found;
}

Result<void> GroupLog::checkNewest(const Found& found) const {
  const std::uint64_t newest = found.segments.empty() ? 0 : found.segments.back().head.sequence;
  if (newest >= options_.knownSegment) return {};
  return describe(
      disk_, "",
      Status(
          Code::CORRUPT,
          "segment number " + std::to_string(options_.knownSegment) + " was begun, and " +
              (newest == 0 ? "there is none" : "the newest is number " + std::to_string(newest)) +
              ": the log is lost, or older than the tables. Put back the log that belongs to "
              "them; nothing was changed"));
}

Result<void> GroupLog::chooseSegments(Found found) {
  free_ = std::move(found.blank);
  if (found.segments.empty()) return {};
  newestNumber_ = found.segments.back().head.sequence;
  const std::uint64_t from = found.segments.back().head.replayFrom;
  for (auto& segment : found.segments) {
    if (segment.head.sequence < from) {
      free_.push_back(segment.path);
      continue;
    }
    const std::uint64_t expected = held_.empty() ? from : held_.back().head.sequence + 1;
    if (segment.head.sequence != expected) {
      return describe(disk_, segment.path,
                      Status(Code::CORRUPT, "segment number " + std::to_string(expected) +
                                                " is missing before this one"));
    }
    held_.push_back(std::move(segment));
  }
  return {};
}

Result<void> GroupLog::replay(const Replay& replay, TxId next) {
  last_ = TxId(next.value - 1);
  if (held_.empty()) return {};
  last_ = TxId(held_.front().head.first.value - 1);
  for (std::size_t i = 0; i < held_.size(); ++i) {
    TRY(replaySegment(held_[i], i + 1 < held_.size() ? &held_[i + 1] : nullptr, replay));
  }
  // One that was begun and never written to is begun anew, under its number: the numbers have no
  // gap, and no two files have the same one.
  if (held_.back().end < held_.back().head.first) {
    newestNumber_ = held_.back().head.sequence - 1;
    free_.push_back(held_.back().path);
    held_.pop_back();
  }
  return held_.empty() ? Result<void>() : rewriteLast(held_.back());
}

// The last record may have been written and not synced. It counts from now on, so it has to stay.
// Written again, for after a sync that failed another one alone would do nothing.
Result<void> GroupLog::rewriteLast(const Segment& segment) {
  ASSIGN(const auto file, disk_.open(segment.path, io::OpenMode::READ_WRITE));
  ASSIGN(const auto size, file->size());
  ByteVector bytes(std::min(segment.usedBytes, size) - segment.lastRecord);
  TRY(io::readExactlyAt(*file, segment.lastRecord, bytes));
  TRY(file->writeAt(segment.lastRecord, bytes));
  return file->sync();
}

Result<void> GroupLog::replaySegment(Segment& segment, const Segment* after, const Replay& replay) {
  ASSIGN(const auto bytes, readAll(disk_, segment.path));
  std::uint64_t offset = SEGMENT_PAGE_BYTES;
  if (segment.head.first.value != last_.value + 1) {
    return describe(
        disk_, segment.path,
        Status(Code::CORRUPT, "it begins with group " + std::to_string(segment.head.first.value) +
                                  " where " + std::to_string(last_.value + 1) + " was to come"));
  }
  while (auto record = recordAt(bytes, offset, segment.head.mark)) {
    if (record->txid.value != last_.value + 1) break;
    if (auto replayed = replay(record->txid, record->payload); !replayed.has_value()) {
      return describe(disk_, segment.path, std::move(replayed).error());
    }
    last_ = record->txid;
    segment.lastRecord = offset;
    offset = record->end;
  }
  segment.end = last_;
  segment.usedBytes = offset;
  const TxId next(last_.value + 1);
  if (after != nullptr ? after->head.first == next
                       : !laterRecord(bytes, offset, segment.head.mark, next).has_value()) {
    return {};
  }
  return describe(
      disk_, segment.path,
      Status(Code::CORRUPT, "group " + std::to_string(next.value) + " is damaged, at byte " +
                                std::to_string(offset) + ", and later ones are there"));
}

Result<void> GroupLog::begin(TxId first) {
  const std::uint64_t number = ++newestNumber_;
  ChangeHash mark(options_.secret);
  mark.add(number);
  Segment segment{.path = {},
                  .head = {.cluster = options_.cluster,
                           .sequence = number,
                           .mark = mark.value(),
                           .first = first,
                           .replayFrom = held_.empty() ? number : held_.front().head.sequence},
                  .end = TxId(first.value - 1),
                  .usedBytes = SEGMENT_PAGE_BYTES};
  if (free_.empty()) {
    segment.path = std::string(SEGMENT_PREFIX) + std::to_string(number);
    ASSIGN(file_, disk_.open(segment.path, io::OpenMode::CREATE));
    fileBytes_ = SEGMENT_PAGE_BYTES;
  } else {
    segment.path = std::move(free_.back());
    free_.pop_back();
    ASSIGN(file_, disk_.open(segment.path, io::OpenMode::READ_WRITE));
    ASSIGN(fileBytes_, file_->size());
    fileBytes_ = std::max<std::uint64_t>(fileBytes_, SEGMENT_PAGE_BYTES);
  }
  TRY(file_->writeAt(0, asBytes(encodeSegmentPage(segment.head))));
  TRY(file_->sync());
  // Of a file that is there already, too: a crash may have come before this.
  TRY(disk_.syncDir(""));
  if (options_.noteBegun) TRY(options_.noteBegun(number));
  held_.push_back(std::move(segment));
  return {};
}

Result<void> GroupLog::append(TxId txid, ByteView payload) {
  if (failure_.has_value()) return fail(*failure_);
  auto written = write(txid, payload);
  if (!written.has_value()) failure_ = written.error();
  return written;
}

Result<void> GroupLog::write(TxId txid, ByteView payload) {
  if (txid.value != last_.value + 1 || payload.size() > GROUP_BYTES_MAX) {
    return fail(Code::INTERNAL, "group " + std::to_string(txid.value) + " of " +
                                    std::to_string(payload.size()) + " bytes does not follow " +
                                    std::to_string(last_.value) + " in the log");
  }
  const std::uint64_t size = recordBytes(payload.size());
  const std::uint64_t used = held_.back().usedBytes;
  if (used > SEGMENT_PAGE_BYTES && used + size > options_.segmentBytes) TRY(begin(txid));
  Segment& segment = held_.back();

  std::array<char, RECORD_HEAD_BYTES> head;
  encodeRecordHead({.length = static_cast<std::uint32_t>(payload.size()),
                    .txid = txid,
                    .mark = segment.head.mark,
                    .payloadCrc = format::crc32c(payload)},
                   head.data());
  const std::uint64_t end = segment.usedBytes + size;
  std::uint64_t fillBytes = size - RECORD_HEAD_BYTES - payload.size();
  if (end > fileBytes_) {
    fileBytes_ = (end + options_.growBytes - 1) / options_.growBytes * options_.growBytes;
    fillBytes += fileBytes_ - end;
  }
  const ByteVector zeros(fillBytes);
  const ByteView parts[] = {std::as_bytes(std::span(head)), payload, zeros};
  TRY(file_->writeAt(segment.usedBytes, parts));
  TRY(file_->sync());
  segment.usedBytes = end;
  segment.end = txid;
  last_ = txid;
  return {};
}

void GroupLog::release(TxId txid) {
  while (held_.size() > 1 && held_.front().end <= txid) {
    free_.push_back(std::move(held_.front().path));
    held_.pop_front();
  }
}

std::uint64_t GroupLog::heldBytes() const {
  std::uint64_t bytes = 0;
  for (const auto& segment : held_) bytes += segment.usedBytes;
  return bytes;
}

std::optional<TxId> GroupLog::oldestEnd() const {
  if (held_.size() < 2) return std::nullopt;
  return held_.front().end;
}

}  // namespace cairn::nn
