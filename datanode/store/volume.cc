#include "datanode/store/volume.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/fault.h"
#include "common/io/disk_ops.h"
#include "common/log/log.h"

namespace cairn::dn {
namespace {

constexpr std::string_view LOCK_FILE = "lock";
// What may lie in an empty directory: our lock, the socket that the configuration puts there by
// default, and what ext4 puts into the root of every file system.
constexpr std::array<std::string_view, 4> NO_CONTENT{LOCK_FILE, "datanode.sock", "lost+found",
                                                     NEW_VOLUME_FILE};
// What format() makes before it writes the identity.
constexpr std::array<std::string_view, 4> STATE_DIRS{TMP_DIR, RBW_DIR, FINAL_DIR, QUARANTINE_DIR};

bool isAmong(std::string_view name, auto const& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Whether there are only directories below, of at most one level.
Result<bool> holdsNoFile(io::Disk& disk, std::string_view dir) {
  ASSIGN(const auto entries, disk.list(dir));
  for (const auto& entry : entries) {
    if (!entry.isDirectory) return false;
    ASSIGN(const auto below, disk.list(io::joinPath(dir, entry.name)));
    if (!below.empty()) return false;
  }
  return true;
}

}  // namespace

Volume::Volume(io::Disk& disk, VolumeOptions options, std::unique_ptr<io::DiskLock> lock)
    : disk_(disk),
      options_(options),
      path_(disk.pathOf("")),
      lock_(std::move(lock)),
      removed_(disk, options.clock, options.keepRemovedMs) {}

Result<std::unique_ptr<Volume>> Volume::open(io::Disk& disk, VolumeOptions options) {
  // Looked at before the lock file is made: a foreign directory stays as it is.
  ASSIGN(const auto info, disk.statIfExists(IDENTITY_FILE));
  std::unique_ptr<Volume> volume(new Volume(disk, options, nullptr));
  if (!info) {
    ASSIGN(const bool empty, volume->isEmpty());
    if (!empty) {
      return cairn::fail(Code::INVALID_ARGUMENT,
                         volume->path_ +
                             " is neither empty nor a datanode's directory; name "
                             "another one, or empty it");
    }
    ASSIGN(volume->isMeantToBeNew_, disk.exists(NEW_VOLUME_FILE));
  }
  ASSIGN(volume->lock_, disk.lock(LOCK_FILE));
  if (info) {
    ASSIGN(const auto text, io::readWholeFile(disk, IDENTITY_FILE, IDENTITY_BYTES_MAX));
    auto identity = decodeIdentity(text);
    if (!identity.has_value()) {
      return cairn::fail(identity.error().withContext(disk.pathOf(IDENTITY_FILE)));
    }
    volume->identity_ = *identity;
  }
  return volume;
}

Result<bool> Volume::isEmpty() {
  ASSIGN(const auto entries, disk_.list(""));
  for (const auto& entry : entries) {
    if (isAmong(entry.name, NO_CONTENT)) continue;
    // An interrupted format() left directories, and perhaps an identity that does not count yet.
    if (entry.name == std::string(IDENTITY_FILE) + ".tmp") continue;
    if (!entry.isDirectory || !isAmong(entry.name, STATE_DIRS)) return false;
    ASSIGN(const bool bare, holdsNoFile(disk_, entry.name));
    if (!bare) return false;
  }
  return true;
}

Result<void> Volume::format(const VolumeIdentity& identity) {
  TRY(check());
  for (auto dir : STATE_DIRS) TRY(disk_.makeDirs(dir));
  for (unsigned i = 0; i < FINAL_DIR_COUNT; ++i) TRY(disk_.makeDirs(finalDirAt(i)));
  TRY(syncDir(FINAL_DIR));
  TRY(syncDir(""));
  // Last, because it is what makes the directory a volume.
  TRY(rewriteIdentity(identity));
  return isMeantToBeNew_ ? disk_.remove(NEW_VOLUME_FILE) : Result<void>();
}

Result<void> Volume::rewriteIdentity(const VolumeIdentity& identity) {
  TRY(check());
  TRY(io::writeFileAtomically(disk_, IDENTITY_FILE, asBytes(encode(identity))));
  identity_ = identity;
  return {};
}

Result<std::vector<io::DirEntry>> Volume::listOwn(std::string_view dir) {
  auto entries = disk_.list(dir);
  if (entries.has_value() || entries.error().code() != Code::NOT_FOUND) return entries;
  LOG(ERROR) << path_ << ": the directory " << dir
             << " is missing, and what lay there is gone; it is made anew";
  TRY(disk_.makeDirs(dir));
  TRY(syncDir(io::parentOf(dir)));
  return std::vector<io::DirEntry>();
}

Result<VolumeContents> Volume::load() {
  TRY(check());
  ASSIGN(const bool restore, disk_.exists(RESTORE_FILE));
  if (restore) {
    ASSIGN(const auto restored, removed_.restore());
    LOG(WARNING) << path_ << ": " << restored << " removed replicas were put back";
    TRY(disk_.remove(RESTORE_FILE));
    TRY(syncDir(""));
  }
  TRY(removed_.load());
  VolumeContents contents;
  ASSIGN(const auto copies, listOwn(TMP_DIR));
  for (const auto& entry : copies) TRY(io::removeTree(disk_, io::joinPath(TMP_DIR, entry.name)));
  ASSIGN(const auto aside, listOwn(QUARANTINE_DIR));
  contents.quarantined = aside.size();
  quarantineNumber_ = aside.size();

  const auto putAside = [&](std::string_view dir, const std::string& name) -> Result<void> {
    ASSIGN(const auto to, quarantine(io::joinPath(dir, name)));
    LOG(WARNING) << path_ << ": '" << name << "' in " << dir
                 << " is no name of a replica; it is now " << to;
    ++contents.quarantined;
    return {};
  };
  ASSIGN(const auto unfinished, listOwn(RBW_DIR));
  for (const auto& entry : unfinished) {
    const auto key = parseRbwName(entry.name);
    if (key && !entry.isDirectory) {
      contents.unfinished.push_back(*key);
    } else {
      TRY(putAside(RBW_DIR, entry.name));
    }
  }
  for (unsigned i = 0; i < FINAL_DIR_COUNT; ++i) {
    const auto dir = finalDirAt(i);
    ASSIGN(const auto entries, listOwn(dir));
    for (const auto& entry : entries) {
      const auto name = parseFinalName(entry.name);
      if (name && !entry.isDirectory && finalDirOf(name->key.chunk) == dir) {
        contents.finals.push_back(*name);
      } else {
        TRY(putAside(dir, entry.name));
      }
    }
  }
  return contents;
}

Result<std::unique_ptr<io::File>> Volume::createUnfinished(const ReplicaKey& key) {
  TRY(check());
  return withRoom([&]() { return disk_.open(rbwPathOf(key), io::OpenMode::CREATE); });
}

Result<std::unique_ptr<io::File>> Volume::openUnfinished(const ReplicaKey& key) {
  TRY(check());
  return disk_.open(rbwPathOf(key), io::OpenMode::READ_WRITE);
}

Result<std::unique_ptr<io::File>> Volume::openFinal(const FinalName& name) {
  TRY(check());
  return disk_.open(finalPathOf(name), io::OpenMode::READ);
}

Result<void> Volume::syncUnfinished(io::File& file, bool name) {
  TRY(check());
  TRY(faultError("dn.sync.before"));
  TRY(syncFile(file));
  return name ? syncDir(RBW_DIR) : Result<void>();
}

Result<std::unique_ptr<io::File>> Volume::createCopy(const ReplicaKey& key, std::string* path) {
  TRY(check());
  *path = io::joinPath(TMP_DIR, rbwNameOf(key) + "." + std::to_string(++copyNumber_));
  return withRoom([&]() { return disk_.open(*path, io::OpenMode::CREATE); });
}

Result<void> Volume::append(io::File& file, std::span<const ByteView> parts) {
  TRY(check());
  if (removed_.isEmpty()) return noticed(file.append(parts));
  ASSIGN(const auto end, file.size());
  return noticed(withRoom([&, again = false]() mutable -> Result<void> {
    // A part of them may have been written.
    if (std::exchange(again, true)) TRY(file.truncate(end));
    return file.append(parts);
  }));
}

Result<void> Volume::truncate(io::File& file, std::uint64_t sizeBytes) {
  TRY(check());
  return noticed(file.truncate(sizeBytes));
}

Result<void> Volume::publish(io::File& file, std::string_view from, const FinalName& name) {
  TRY(check());
  TRY(faultError("dn.finalize.before_sync"));
  TRY(syncFile(file));
  TRY(check());
  TRY(faultError("dn.finalize.before_rename"));
  TRY(disk_.rename(from, finalPathOf(name)));
  TRY(faultError("dn.finalize.after_rename"));
  TRY(syncDir(finalDirOf(name.key.chunk)));
  return syncDir(io::parentOf(from));
}

Result<void> Volume::adoptCopy(io::File& file, std::string_view from, const ReplicaKey& key) {
  TRY(check());
  TRY(syncFile(file));
  return move(from, rbwPathOf(key));
}

Result<void> Volume::reopenFinal(const FinalName& name) {
  return move(finalPathOf(name), rbwPathOf(name.key));
}

Result<void> Volume::renameUnfinished(const ReplicaKey& from, const ReplicaKey& to) {
  return move(rbwPathOf(from), rbwPathOf(to));
}

Result<void> Volume::renameFinal(const FinalName& from, const FinalName& to) {
  return move(finalPathOf(from), finalPathOf(to));
}

Result<void> Volume::move(std::string_view from, std::string_view to) {
  TRY(check());
  TRY(disk_.rename(from, to));
  TRY(syncDir(io::parentOf(to)));
  return io::parentOf(from) == io::parentOf(to) ? Result<void>() : syncDir(io::parentOf(from));
}

Result<std::string> Volume::quarantine(std::string_view path) {
  TRY(check());
  const std::string base(io::baseNameOf(path));
  std::string to = io::joinPath(QUARANTINE_DIR, base);
  while (true) {
    ASSIGN(const bool taken, disk_.exists(to));
    if (!taken) break;
    to = io::joinPath(QUARANTINE_DIR, base + "." + std::to_string(++quarantineNumber_));
  }
  TRY(disk_.rename(path, to));
  TRY(syncDir(QUARANTINE_DIR));
  TRY(syncDir(io::parentOf(path)));
  return disk_.pathOf(to);
}

Result<void> Volume::remove(std::string_view path) {
  TRY(check());
  TRY(faultError("dn.delete.before_remove"));
  return disk_.remove(path);
}

Result<void> Volume::removeReplica(std::string_view path) {
  TRY(check());
  TRY(faultError("dn.delete.before_remove"));
  return removed_.take(path);
}

Result<bool> Volume::emptyRemoved(std::uint64_t roomBytes) {
  TRY(check());
  ASSIGN(const auto space, disk_.space());
  return space.freeBytes < roomBytes ? removed_.makeRoom() : removed_.empty();
}

Result<io::DiskSpace> Volume::space() {
  TRY(check());
  ASSIGN(auto space, disk_.space());
  space.freeBytes = std::min(space.capacityBytes, space.freeBytes + removed_.bytes());
  return space;
}

Result<void> Volume::writeNote(std::string_view name, ByteView content) {
  TRY(check());
  const auto aside = io::joinPath(TMP_DIR, name);
  // Of a write that failed.
  ASSIGN(const bool left, disk_.exists(aside));
  if (left) TRY(disk_.remove(aside));
  ASSIGN(const auto file, disk_.open(aside, io::OpenMode::CREATE));
  TRY(append(*file, content));
  TRY(syncFile(*file));
  return move(aside, name);
}

Result<std::optional<std::string>> Volume::readNote(std::string_view name,
                                                    std::uint64_t limitBytes) {
  TRY(check());
  ASSIGN(const bool there, disk_.exists(name));
  if (!there) return std::optional<std::string>();
  ASSIGN(auto content, io::readWholeFile(disk_, name, limitBytes));
  return std::optional<std::string>(std::move(content));
}

Result<void> Volume::check() const {
  if (halted_.load()) return cairn::fail(Code::CANCELLED, path_ + ": the datanode was stopped");
  if (auto why = failure_.load()) {
    return cairn::fail(Code::IO_ERROR, path_ + " is out of service: " + why->message());
  }
  return {};
}

Result<void> Volume::syncFile(io::File& file) {
  if (!options_.fsync) return {};
  auto synced = file.sync();
  if (!synced.has_value()) fail(synced.error());
  return synced;
}

Result<void> Volume::syncDir(std::string_view dir) {
  if (!options_.fsync) return {};
  auto synced = disk_.syncDir(dir);
  if (!synced.has_value()) fail(synced.error());
  return synced;
}

Result<void> Volume::noticed(Result<void> written) {
  if (!written.has_value() && written.error().code() != Code::DISK_FULL) fail(written.error());
  return written;
}

void Volume::fail(const Status& why) {
  std::shared_ptr<const Status> none;
  if (failure_.compare_exchange_strong(none, std::make_shared<const Status>(why))) {
    LOG(ERROR) << path_ << " is out of service: " << why.toString();
  }
}

}  // namespace cairn::dn
