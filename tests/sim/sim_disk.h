// One life of a host's disk: a view of the MemoryDisk that survives the life, whose calls are
// traced, which can lose power in the middle of anything, and which can lie about its syncs. Layer:
// tests/sim.  Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/io/disk.h"
#include "common/io/random.h"
#include "tests/sim/trace.h"

namespace cairn::sim {

// A disk without room, for as long as its owner wants.
struct Fullness {
  bool limited = false;
  std::string root;             // files below it; "": all
  std::uint64_t roomBytes = 0;  // that these may grow by
  std::uint64_t refusals = 0;   // calls that failed because of it
};

// A part of a disk that has failed, for as long as its owner wants.
struct FailedPart {
  enum class Kind : std::uint8_t {
    NONE,
    DEAD,       // every call fails
    READ_ONLY,  // every call that changes something
    UNMOUNTED,  // an empty directory is found in its place; files that were open fail
  };
  // Where the empty directories are.
  static constexpr std::string_view UNMOUNTED_ROOT = "unmounted";

  // Whether a call for `path` comes to what has failed.
  bool contains(std::string_view path) const {
    return kind != Kind::NONE && path.starts_with(root) &&
           (path.size() == root.size() || path[root.size()] == '/');
  }
  // Where that is which is found at `path` now.
  std::string placeOf(std::string path) const {
    return kind == Kind::UNMOUNTED && contains(path) ? io::joinPath(UNMOUNTED_ROOT, path) : path;
  }

  Kind kind = Kind::NONE;
  std::string root;  // files below it
};

class SimDisk final : public io::Disk {
public:
  // All outlive the disk and its files.
  SimDisk(io::Disk& base, Trace& trace, std::string name, Fullness& fullness,
          const FailedPart& failedPart);
  ~SimDisk() override;

  // The part of this disk below `root`, which exists, as a disk of its own: one power, one health.
  std::unique_ptr<SimDisk> below(std::string root);

  // From now on every call fails with IO_ERROR and changes nothing, also those of open files.
  void powerOff();
  bool off() const;
  // The power fails just before the `calls`-th call from now on that changes something: `failing`
  // is run then, once, and is expected to power this disk off.
  void failPowerAfter(std::uint64_t calls, std::function<void()> failing);
  // Syncs of files and directories do nothing and say that all is well: the bug that the checker of
  // a simulated run must be able to find.
  void ignoreSyncs(bool ignore);
  // From now on, for the rest of this life, each call that changes something fails with this
  // probability, drawn from `random`, and changes nothing. 0: no more.
  void sicken(double chance, io::Random* random);
  // Whether sicken() was ever called, or a call came to a part that has failed.
  bool sick() const;

  Result<std::unique_ptr<io::File>> open(std::string_view path, io::OpenMode mode) override;
  Result<void> rename(std::string_view from, std::string_view to) override;
  Result<void> remove(std::string_view path) override;
  Result<std::vector<io::DirEntry>> list(std::string_view dir) override;
  Result<void> makeDirs(std::string_view dir) override;
  Result<void> syncDir(std::string_view dir) override;
  Result<std::optional<io::PathInfo>> statIfExists(std::string_view path) override;
  Result<io::DiskSpace> space() override;
  Result<std::unique_ptr<io::DiskLock>> lock(std::string_view path) override;
  std::string pathOf(std::string_view path) const override;

private:
  class OpenFile;
  struct State;
  SimDisk(io::Disk& base, std::string root, std::shared_ptr<State> state);

  std::string nameOf(std::string_view path) const {
    return path.empty() ? root_ : io::joinPath(root_, path);
  }
  // Where it lies now.
  std::string at(std::string_view path) const;

  io::Disk& base_;
  std::string root_;
  std::shared_ptr<State> state_;  // shared with the files
};

}  // namespace cairn::sim
