// The state behind a MemoryDisk: what is readable now, what would survive a crash, and the steps
// between the two.
// Layer: io; used by memory_disk.cc alone.  Threads: every call from any thread (one mutex).
//
// Each directory has two maps of names, each file two contents: now, and durable. Every change of
// the first kind is also noted as a pending step. A sync carries the pending steps over into
// the durable state; a crash makes the durable state (and perhaps some steps more) the present.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/io/disk.h"
#include "common/io/memory_disk.h"
#include "common/io/random.h"

namespace cairn::io {

class MemoryTree {
public:
  struct Node;
  using NodePtr = std::shared_ptr<Node>;

  // What an open file or a lock remembers. Of no use after the next crash.
  struct Handle {
    NodePtr node;
    std::uint64_t life = 0;
  };

  explicit MemoryTree(std::string name);
  ~MemoryTree();

  std::string pathOf(std::string_view path) const;

  // --- Names. Arguments are checked paths. ---
  Result<Handle> open(std::string_view path, OpenMode mode);
  Result<void> rename(std::string_view from, std::string_view to);
  Result<void> remove(std::string_view path);
  Result<std::vector<DirEntry>> list(std::string_view dir);
  Result<void> makeDirs(std::string_view dir);
  Result<void> syncDir(std::string_view dir);
  Result<std::optional<PathInfo>> stat(std::string_view path);
  DiskSpace space();
  Result<Handle> lock(std::string_view path);
  void unlock(const Handle& handle);

  // --- Content. `path` is for messages. ---
  Result<std::size_t> read(const Handle& handle, const std::string& path, std::uint64_t offset,
                           MutableBytes to);
  Result<void> write(const Handle& handle, const std::string& path, std::uint64_t offset,
                     std::span<const ByteView> parts);
  Result<void> sync(const Handle& handle, const std::string& path);
  Result<std::uint64_t> size(const Handle& handle, const std::string& path);
  Result<void> truncate(const Handle& handle, const std::string& path, std::uint64_t size);

  void crash(CrashLoss loss, Random& random);
  void setCapacity(std::uint64_t bytes);
  Result<void> flipBit(std::string_view path, std::uint64_t bit);

private:
  // One name that came, changed its meaning or went (`child` is null).
  struct Edit {
    NodePtr dir;
    std::string name;
    NodePtr child;
  };
  // Edits that take effect together: two for a rename, one for anything else.
  using Step = std::vector<Edit>;

  // All of these want mutex_ held.
  // The node at `path`, or null and the reason in errnum_.
  NodePtr find(std::string_view path);
  NodePtr findParent(std::string_view path);  // null unless a directory
  void apply(Step step);
  Result<void> checkAlive(const Handle& handle, const std::string& path) const;
  Result<void> checkRoom(const std::string& path, std::uint64_t oldSize, std::uint64_t newSize);
  std::uint64_t usedBytes() const;
  std::unexpected<Status> error(int errnum, std::string_view verb, std::string_view path) const;

  const std::string name_;
  mutable std::mutex mutex_;
  NodePtr root_;
  std::vector<Step> pending_;  // of all directories, in the order they were made
  std::set<Node*> locked_;
  std::uint64_t life_ = 1;  // raised by each crash
  std::uint64_t capacityBytes_;
  int errnum_ = 0;
};

}  // namespace cairn::io
