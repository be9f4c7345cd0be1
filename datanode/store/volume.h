// One directory that holds replicas: its lock, its identity, and the steps that take a replica from
// one state to the next, each durable when it returns.
// Layer: datanode/store.  Threads: every call may block, so none is made on an event loop; any
// thread, several at a time, but for open, format and load, which come first and alone, and for the
// calls about one replica, which come one after the other.
// Errors: those of the disk. After a failed fsync, of a file or a directory, the volume is out of
// service for good: nobody knows what of it is on the disk (common/io/disk.h). So it is after a
// write that failed, unless for want of room. failed() tells, every later call fails, and a restart
// may try the disk again.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/io/clock.h"
#include "common/io/disk.h"
#include "datanode/store/removed_files.h"
#include "datanode/store/replica_name.h"
#include "datanode/store/volume_identity.h"

namespace cairn::dn {

struct VolumeOptions {
  // Off: nothing is synced, and a crash may lose acknowledged bytes. For measuring only.
  bool fsync = true;
  // How long removed replicas are kept (removed_files.h); 0: not at all.
  std::int64_t keepRemovedMs = 0;
  const io::Clock* clock = nullptr;  // for that; outlives the volume
};

// What a volume held when it was loaded.
struct VolumeContents {
  std::vector<FinalName> finals;
  std::vector<ReplicaKey> unfinished;  // in rbw, as they are: not looked into yet
  std::uint64_t quarantined = 0;       // files in quarantine
};

// An operator's word that an empty directory is to become a new volume although one that the
// datanode knows belongs there: this file, which is gone once that is done.
inline constexpr std::string_view NEW_VOLUME_FILE = "new-volume";

class Volume {
public:
  // Takes the directory that `disk` is rooted at; the disk outlives the volume. Writes nothing but
  // the lock. IN_USE; INVALID_ARGUMENT for a directory that is neither a volume nor empty: nothing
  // is ever formatted over something else; CORRUPT or UNSUPPORTED_VERSION for its identity.
  static Result<std::unique_ptr<Volume>> open(io::Disk& disk, VolumeOptions options);
  Volume(const Volume&) = delete;
  Volume& operator=(const Volume&) = delete;

  // Nothing: an empty directory, to be formatted.
  const std::optional<VolumeIdentity>& identity() const { return identity_; }
  // Whether NEW_VOLUME_FILE was there.
  bool isMeantToBeNew() const { return isMeantToBeNew_; }
  // Makes the empty directory a volume. Interrupted by a crash, it is empty still. REQUIRES:
  // no identity.
  Result<void> format(const VolumeIdentity& identity);
  // REQUIRES: an identity that differs in the node's number at most.
  Result<void> rewriteIdentity(const VolumeIdentity& identity);
  // Puts removed replicas back if RESTORE_FILE is there, clears tmp, lists the rest, and puts aside
  // what has no name of ours. A directory of its own that is missing is made anew: what lay there
  // is gone, and must not cost the rest. O(files), no stat.
  Result<VolumeContents> load();

  // A new file in rbw. ALREADY_EXISTS.
  Result<std::unique_ptr<io::File>> createUnfinished(const ReplicaKey& key);
  // For reading and cutting.
  Result<std::unique_ptr<io::File>> openUnfinished(const ReplicaKey& key);
  Result<std::unique_ptr<io::File>> openFinal(const FinalName& name);
  // A new file in tmp, under a name that no other has in this life of the volume; gone after a
  // crash. `path`: where it is.
  Result<std::unique_ptr<io::File>> createCopy(const ReplicaKey& key, std::string* path);
  // Writes behind the end of a file of this volume, and cuts one off. Where there is no room,
  // removed replicas go for good before it fails. A failure that is not for want of room takes the
  // volume out of service.
  Result<void> append(io::File& file, std::span<const ByteView> parts);
  Result<void> append(io::File& file, ByteView bytes) { return append(file, {&bytes, 1}); }
  Result<void> truncate(io::File& file, std::uint64_t sizeBytes);
  // Makes the file's bytes durable, and, with `name`, its name in rbw: a replica that was synced is
  // found again.
  Result<void> syncUnfinished(io::File& file, bool name);
  // rbw or tmp -> final: syncs the file, renames it, syncs both directories.
  Result<void> publish(io::File& file, std::string_view from, const FinalName& name);
  Result<void> publish(io::File& file, const FinalName& name) {
    return publish(file, rbwPathOf(name.key), name);
  }
  // tmp -> rbw: a copy is complete. As publish().
  Result<void> adoptCopy(io::File& file, std::string_view from, const ReplicaKey& key);
  // Other names for the same file; each durable, and after a crash in between the file has the one
  // name or the other. final -> rbw: the footer stays where it is, and belongs to nobody.
  Result<void> reopenFinal(const FinalName& name);
  Result<void> renameUnfinished(const ReplicaKey& from, const ReplicaKey& to);
  Result<void> renameFinal(const FinalName& from, const FinalName& to);
  // Puts a file aside. Durable. Returns its new path, for messages.
  Result<std::string> quarantine(std::string_view path);
  // Neither is durable: what comes back after a crash is reported again and ordered away again.
  // NOT_FOUND. A file for good; a replica, which is kept for a while.
  Result<void> remove(std::string_view path);
  Result<void> removeReplica(std::string_view path);
  // Gives the space of removed replicas back whose time is over, some of them; while less than
  // `roomBytes` are free on the disk, of those, too, whose time is not. False when there are none
  // left.
  Result<bool> emptyRemoved(std::uint64_t roomBytes);
  // What removed replicas take passes for free.
  Result<io::DiskSpace> space();

  // Replaces a small file in the volume's root; durable: after a crash the old or the new content
  // is there. One writer of a name at a time.
  Result<void> writeNote(std::string_view name, ByteView content);
  // Nothing when there is none. LIMIT_EXCEEDED above `limitBytes`.
  Result<std::optional<std::string>> readNote(std::string_view name, std::uint64_t limitBytes);

  bool failed() const { return failure_.load() != nullptr; }
  // REQUIRES: failed().
  Status failure() const { return *failure_.load(); }
  // From now on every call but those under way fails with CANCELLED; they end at their next step.
  void halt() { halted_.store(true); }

  // The directory, for messages.
  const std::string& path() const { return path_; }

private:
  Volume(io::Disk& disk, VolumeOptions options, std::unique_ptr<io::DiskLock> lock);
  Result<bool> isEmpty();
  Result<std::vector<io::DirEntry>> listOwn(std::string_view dir);
  Result<void> check() const;
  Result<void> syncDir(std::string_view dir);
  Result<void> move(std::string_view from, std::string_view to);
  // What `write` returns, which is called again as long as it finds no room and removed replicas
  // take some.
  template <typename Write>
  auto withRoom(Write write) {
    auto written = write();
    while (!written.has_value() && written.error().code() == Code::DISK_FULL) {
      const auto more = removed_.makeRoom();
      if (!more.has_value() || !*more) return write();
      written = write();
    }
    return written;
  }
  // Out of service when what failed tells that the disk is broken.
  Result<void> noticed(Result<void> written);
  Result<void> syncFile(io::File& file);
  void fail(const Status& why);

  io::Disk& disk_;
  const VolumeOptions options_;
  const std::string path_;
  std::unique_ptr<io::DiskLock> lock_;
  RemovedFiles removed_;
  std::optional<VolumeIdentity> identity_;
  bool isMeantToBeNew_ = false;
  std::atomic<std::uint64_t> quarantineNumber_{0};
  std::atomic<std::uint64_t> copyNumber_{0};
  std::atomic<bool> halted_{false};
  std::atomic<std::shared_ptr<const Status>> failure_;  // the first one
};

}  // namespace cairn::dn
