#include "datanode/store/removed_files.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

#include "common/io/disk_ops.h"
#include "datanode/store/note_text.h"
#include "datanode/store/replica_name.h"

namespace cairn::dn {
namespace {

// What is removed in so many parts of the time shares a directory.
constexpr std::int64_t BATCHES = 8;

std::optional<std::uint64_t> numberOf(std::string_view name) {
  const auto number = parseNumber<std::uint64_t>(name);
  if (!number.has_value() || std::to_string(*number) != name) return std::nullopt;
  if (*number == std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  return *number;
}

// Nothing where there is no such directory: none was needed yet, or somebody has cleared it away.
Result<std::vector<io::DirEntry>> listIfThere(io::Disk& disk, std::string_view dir) {
  auto entries = disk.list(dir);
  if (entries.has_value() || entries.error().code() != Code::NOT_FOUND) return entries;
  return std::vector<io::DirEntry>();
}

std::uint64_t bytesOf(std::string_view name) {
  const auto known = parseFinalName(name);
  return known ? known->storedLength : 0;
}

// Where a file of this name was. Nothing: it is none of a replica.
std::optional<std::string> placeOf(std::string_view name) {
  if (const auto known = parseFinalName(name)) return finalPathOf(*known);
  if (const auto key = parseRbwName(name)) return rbwPathOf(*key);
  return std::nullopt;
}

// The numbers of the directories that are there, in order.
Result<std::vector<std::uint64_t>> numbers(io::Disk& disk) {
  ASSIGN(const auto entries, listIfThere(disk, REMOVED_DIR));
  std::vector<std::uint64_t> all;
  for (const auto& entry : entries) {
    if (const auto number = numberOf(entry.name); number && entry.isDirectory) {
      all.push_back(*number);
    }
  }
  std::ranges::sort(all);
  return all;
}

}  // namespace

RemovedFiles::RemovedFiles(io::Disk& disk, const io::Clock* clock, std::int64_t keepMs)
    : disk_(disk), clock_(clock), keepMs_(keepMs) {}

std::string RemovedFiles::pathOf(const Batch& batch) const {
  return io::joinPath(REMOVED_DIR, std::to_string(batch.number));
}

Result<void> RemovedFiles::load() {
  const std::lock_guard lock(mutex_);
  ASSIGN(const auto all, numbers(disk_));
  for (const auto number : all) {
    Batch batch{.number = number, .begunMs = nowMs()};
    ASSIGN(const auto files, disk_.list(pathOf(batch)));
    for (const auto& file : files) batch.bytes += bytesOf(file.name);
    batches_.push_back(batch);
    nextNumber_ = number + 1;
  }
  return {};
}

Result<std::size_t> RemovedFiles::restore() {
  const std::lock_guard lock(mutex_);
  ASSIGN(const auto all, numbers(disk_));
  std::size_t restored = 0;
  std::set<std::string> changed;  // directories
  // Of two with one name, which had the same bytes, the younger one.
  for (auto number = all.rbegin(); number != all.rend(); ++number) {
    const auto dir = pathOf({.number = *number});
    ASSIGN(const auto files, disk_.list(dir));
    for (const auto& file : files) {
      const auto place = placeOf(file.name);
      if (!place || file.isDirectory) continue;
      ASSIGN(const bool taken, disk_.exists(*place));
      if (taken) continue;
      // One that is missing would be made anew by who lists it.
      TRY(disk_.makeDirs(io::parentOf(*place)));
      TRY(disk_.rename(io::joinPath(dir, file.name), *place));
      changed.emplace(io::parentOf(*place));
      ++restored;
    }
  }
  for (const auto& dir : changed) TRY(disk_.syncDir(dir));
  return restored;
}

Result<void> RemovedFiles::take(std::string_view path) {
  if (keepMs_ == 0) return disk_.remove(path);
  const std::lock_guard lock(mutex_);
  auto moved = moveIn(path);
  if (moved.has_value() || moved.error().code() != Code::DISK_FULL) return moved;
  return disk_.remove(path);
}

Result<void> RemovedFiles::moveIn(std::string_view path) {
  const auto now = nowMs();
  if (batches_.empty() || now - batches_.back().begunMs >= keepMs_ / BATCHES) {
    const Batch next{.number = nextNumber_, .begunMs = now};
    TRY(makeFor(path, next));
    ++nextNumber_;
    batches_.push_back(next);
  }
  auto& batch = batches_.back();
  const auto name = io::baseNameOf(path);
  const auto to = io::joinPath(pathOf(batch), name);
  if (auto moved = disk_.rename(path, to); !moved.has_value()) {
    if (moved.error().code() != Code::NOT_FOUND) return moved;
    // It is the file that is gone, or somebody has cleared our directory away.
    TRY(makeFor(path, batch));
    TRY(disk_.rename(path, to));
  }
  batch.bytes += bytesOf(name);
  return {};
}

Result<void> RemovedFiles::makeFor(std::string_view path, const Batch& batch) {
  ASSIGN(const bool there, disk_.exists(path));
  if (!there) return fail(Code::NOT_FOUND, disk_.pathOf(path) + " is not there");
  return disk_.makeDirs(pathOf(batch));
}

Result<bool> RemovedFiles::empty() { return removeSome(false); }

Result<bool> RemovedFiles::makeRoom() { return removeSome(true); }

Result<bool> RemovedFiles::removeSome(bool young) {
  for (std::size_t i = 0; i < FILES_A_STEP; ++i) {
    const std::lock_guard lock(mutex_);
    if (batches_.empty()) return false;
    // What came last into a batch has its whole time, too.
    const auto endsMs = batches_.front().begunMs + keepMs_ / BATCHES + keepMs_;
    if (!young && nowMs() < endsMs) return false;
    TRY(removeNext());
  }
  return true;
}

Result<void> RemovedFiles::removeNext() {
  auto& batch = batches_.front();
  const auto dir = pathOf(batch);
  if (doomed_.empty()) {
    ASSIGN(const auto files, listIfThere(disk_, dir));
    for (const auto& file : files) doomed_.push_back(file.name);
  }
  if (!doomed_.empty()) {
    const auto name = std::move(doomed_.back());
    doomed_.pop_back();
    // With what somebody else may have put there.
    TRY(io::removeTree(disk_, io::joinPath(dir, name)));
    batch.bytes -= std::min(batch.bytes, bytesOf(name));
    if (!doomed_.empty()) return {};
  }
  const auto removed = disk_.remove(dir);
  // Something has come in since it was listed.
  if (!removed.has_value() && removed.error().code() == Code::NOT_EMPTY) return {};
  if (!removed.has_value() && removed.error().code() != Code::NOT_FOUND) return removed;
  batches_.pop_front();
  return {};
}

bool RemovedFiles::isEmpty() const {
  const std::lock_guard lock(mutex_);
  return batches_.empty();
}

std::uint64_t RemovedFiles::bytes() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = 0;
  for (const auto& batch : batches_) sum += batch.bytes;
  return sum;
}

}  // namespace cairn::dn
