#include "common/io/memory_tree.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/base/units.h"

namespace cairn::io {
namespace {

constexpr std::uint64_t CAPACITY_SHOWN = 1024_GiB;  // while there is no limit

// A change of a file's content that is not durable yet.
struct Write {
  std::uint64_t offset;  // of a cut: the new size
  std::string bytes;
  bool cut = false;

  void applyTo(std::string& content) const {
    if (cut) {
      content.resize(offset);
    } else if (!bytes.empty()) {
      if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
      bytes.copy(content.data() + offset, bytes.size());
    }
  }
};

}  // namespace

struct MemoryTree::Node {
  bool isDirectory = false;
  // A directory's names.
  std::map<std::string, NodePtr, std::less<>> now;
  std::map<std::string, NodePtr, std::less<>> durable;
  // A file's bytes.
  std::string content;
  std::string durableContent;
  std::vector<Write> unsynced;
};

MemoryTree::MemoryTree(std::string name)
    : name_(std::move(name)),
      root_(std::make_shared<Node>()),
      capacityBytes_(MemoryDisk::UNLIMITED) {
  root_->isDirectory = true;
}

MemoryTree::~MemoryTree() = default;

std::string MemoryTree::pathOf(std::string_view path) const {
  return name_ + ":/" + std::string(path);
}

std::unexpected<Status> MemoryTree::error(int errnum, std::string_view verb,
                                          std::string_view path) const {
  return fail(statusFromErrno(errnum, std::string(verb) + " " + pathOf(path)));
}

MemoryTree::NodePtr MemoryTree::find(std::string_view path) {
  NodePtr node = root_;
  while (!path.empty()) {
    if (!node->isDirectory) {
      errnum_ = ENOTDIR;
      return nullptr;
    }
    const auto slash = path.find('/');
    const auto child = node->now.find(path.substr(0, slash));
    if (child == node->now.end()) {
      errnum_ = ENOENT;
      return nullptr;
    }
    node = child->second;
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return node;
}

MemoryTree::NodePtr MemoryTree::findParent(std::string_view path) {
  NodePtr node = find(parentOf(path));
  if (node && !node->isDirectory) {
    errnum_ = ENOTDIR;
    return nullptr;
  }
  return node;
}

void MemoryTree::apply(Step step) {
  for (const auto& edit : step) {
    if (edit.child) {
      edit.dir->now.insert_or_assign(edit.name, edit.child);
    } else {
      edit.dir->now.erase(edit.name);
    }
  }
  pending_.push_back(std::move(step));
}

Result<MemoryTree::Handle> MemoryTree::open(std::string_view path, OpenMode mode) {
  const std::lock_guard lock(mutex_);
  const std::string_view verb = mode == OpenMode::CREATE ? "create" : "open";
  NodePtr node = find(path);
  if (mode == OpenMode::CREATE) {
    if (node) return error(EEXIST, verb, path);
    const NodePtr dir = findParent(path);
    if (!dir) return error(errnum_, verb, path);
    node = std::make_shared<Node>();
    apply({{dir, std::string(baseNameOf(path)), node}});
  }
  if (!node) return error(errnum_, verb, path);
  if (node->isDirectory) return error(EISDIR, verb, path);
  return Handle{node, life_};
}

Result<void> MemoryTree::rename(std::string_view from, std::string_view to) {
  const std::lock_guard lock(mutex_);
  const auto refused = [&](int errnum) {
    return error(errnum, "rename " + pathOf(from) + " to", to);
  };
  const NodePtr fromDir = findParent(from);
  if (!fromDir) return error(errnum_, "rename", from);
  const NodePtr toDir = findParent(to);
  if (!toDir) return error(errnum_, "rename to", to);
  const auto source = fromDir->now.find(baseNameOf(from));
  if (source == fromDir->now.end()) return refused(ENOENT);
  const NodePtr moved = source->second;
  if (moved->isDirectory && (std::string(to) + "/").starts_with(std::string(from) + "/") &&
      from != to) {
    return refused(EINVAL);
  }
  const auto target = toDir->now.find(baseNameOf(to));
  if (target != toDir->now.end()) {
    if (target->second == moved) return {};
    if (moved->isDirectory && !target->second->isDirectory) return refused(ENOTDIR);
    if (!moved->isDirectory && target->second->isDirectory) return refused(EISDIR);
    if (!target->second->now.empty()) return refused(ENOTEMPTY);
  }
  apply({{fromDir, std::string(baseNameOf(from)), nullptr},
         {toDir, std::string(baseNameOf(to)), moved}});
  return {};
}

Result<void> MemoryTree::remove(std::string_view path) {
  const std::lock_guard lock(mutex_);
  const NodePtr dir = findParent(path);
  const NodePtr node = dir ? find(path) : nullptr;
  if (!node) return error(errnum_, "remove", path);
  if (!node->now.empty()) return error(ENOTEMPTY, "remove", path);
  apply({{dir, std::string(baseNameOf(path)), nullptr}});
  return {};
}

Result<std::vector<DirEntry>> MemoryTree::list(std::string_view dir) {
  const std::lock_guard lock(mutex_);
  const NodePtr node = find(dir);
  if (!node) return error(errnum_, "list", dir);
  if (!node->isDirectory) return error(ENOTDIR, "list", dir);
  std::vector<DirEntry> entries;
  for (const auto& [name, child] : node->now) entries.push_back({name, child->isDirectory});
  return entries;
}

Result<void> MemoryTree::makeDirs(std::string_view dir) {
  const std::lock_guard lock(mutex_);
  NodePtr node = root_;
  for (std::size_t from = 0; from < dir.size();) {
    const auto slash = std::min(dir.find('/', from), dir.size());
    const std::string_view name = dir.substr(from, slash - from);
    const auto child = node->now.find(name);
    if (child == node->now.end()) {
      const auto made = std::make_shared<Node>();
      made->isDirectory = true;
      apply({{node, std::string(name), made}});
      node = made;
    } else {
      node = child->second;
      if (!node->isDirectory) return error(ENOTDIR, "create directory", dir.substr(0, slash));
    }
    from = slash + 1;
  }
  return {};
}

Result<void> MemoryTree::syncDir(std::string_view dir) {
  const std::lock_guard lock(mutex_);
  const NodePtr node = find(dir);
  if (!node) return error(errnum_, "sync directory", dir);
  if (!node->isDirectory) return error(ENOTDIR, "sync directory", dir);
  // A rename becomes durable as one, so the earlier steps of its other directory go with it.
  std::set<Node*> concerned{node.get()};
  std::vector<bool> chosen(pending_.size());
  for (std::size_t i = pending_.size(); i-- > 0;) {
    const Step& step = pending_[i];
    chosen[i] = std::ranges::any_of(
        step, [&](const Edit& edit) { return concerned.contains(edit.dir.get()); });
    if (!chosen[i]) continue;
    for (const auto& edit : step) concerned.insert(edit.dir.get());
  }
  std::vector<Step> left;
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (!chosen[i]) {
      left.push_back(std::move(pending_[i]));
      continue;
    }
    for (const auto& edit : pending_[i]) {
      if (edit.child) {
        edit.dir->durable.insert_or_assign(edit.name, edit.child);
      } else {
        edit.dir->durable.erase(edit.name);
      }
    }
  }
  pending_ = std::move(left);
  return {};
}

Result<std::optional<PathInfo>> MemoryTree::stat(std::string_view path) {
  const std::lock_guard lock(mutex_);
  const NodePtr node = find(path);
  if (!node) {
    if (errnum_ == ENOENT) return std::nullopt;
    return error(errnum_, "stat", path);
  }
  return PathInfo{node->isDirectory, node->content.size()};
}

std::uint64_t MemoryTree::usedBytes() const {
  std::uint64_t total = 0;
  std::vector<const Node*> open{root_.get()};
  while (!open.empty()) {
    const Node* node = open.back();
    open.pop_back();
    total += node->content.size();
    for (const auto& [name, child] : node->now) open.push_back(child.get());
  }
  return total;
}

DiskSpace MemoryTree::space() {
  const std::lock_guard lock(mutex_);
  const std::uint64_t capacity =
      capacityBytes_ == MemoryDisk::UNLIMITED ? CAPACITY_SHOWN : capacityBytes_;
  const std::uint64_t used = usedBytes();
  return {capacity, used < capacity ? capacity - used : 0};
}

Result<MemoryTree::Handle> MemoryTree::lock(std::string_view path) {
  const std::lock_guard guard(mutex_);
  NodePtr node = find(path);
  if (!node) {
    const NodePtr dir = findParent(path);
    if (!dir) return error(errnum_, "open lock file", path);
    node = std::make_shared<Node>();
    apply({{dir, std::string(baseNameOf(path)), node}});
  }
  if (node->isDirectory) return error(EISDIR, "open lock file", path);
  if (!locked_.insert(node.get()).second) {
    return fail(Code::IN_USE, pathOf(path) + " is locked by another holder in this process");
  }
  return Handle{node, life_};
}

void MemoryTree::unlock(const Handle& handle) {
  const std::lock_guard lock(mutex_);
  if (handle.life == life_) locked_.erase(handle.node.get());
}

Result<void> MemoryTree::checkAlive(const Handle& handle, const std::string& path) const {
  if (handle.life == life_) return {};
  return fail(Code::IO_ERROR, path + ": opened before a crash");
}

Result<void> MemoryTree::checkRoom(const std::string& path, std::uint64_t oldSize,
                                   std::uint64_t newSize) {
  if (capacityBytes_ == MemoryDisk::UNLIMITED || newSize <= oldSize) return {};
  if (usedBytes() + (newSize - oldSize) <= capacityBytes_) return {};
  return fail(statusFromErrno(ENOSPC, "write " + path));
}

Result<std::size_t> MemoryTree::read(const Handle& handle, const std::string& path,
                                     std::uint64_t offset, MutableBytes to) {
  const std::lock_guard lock(mutex_);
  TRY(checkAlive(handle, path));
  const std::string& content = handle.node->content;
  if (offset >= content.size() || to.empty()) return 0;
  const auto count =
      static_cast<std::size_t>(std::min<std::uint64_t>(to.size(), content.size() - offset));
  std::memcpy(to.data(), content.data() + offset, count);
  return count;
}

Result<void> MemoryTree::write(const Handle& handle, const std::string& path, std::uint64_t offset,
                               std::span<const ByteView> parts) {
  const std::lock_guard lock(mutex_);
  TRY(checkAlive(handle, path));
  Write write{.offset = offset, .bytes = {}};
  for (const auto part : parts) write.bytes += asText(part);
  Node& node = *handle.node;
  TRY(checkRoom(path, node.content.size(), offset + write.bytes.size()));
  write.applyTo(node.content);
  node.unsynced.push_back(std::move(write));
  return {};
}

Result<void> MemoryTree::sync(const Handle& handle, const std::string& path) {
  const std::lock_guard lock(mutex_);
  TRY(checkAlive(handle, path));
  Node& node = *handle.node;
  for (const auto& write : node.unsynced) write.applyTo(node.durableContent);
  node.unsynced.clear();
  return {};
}

Result<std::uint64_t> MemoryTree::size(const Handle& handle, const std::string& path) {
  const std::lock_guard lock(mutex_);
  TRY(checkAlive(handle, path));
  return handle.node->content.size();
}

Result<void> MemoryTree::truncate(const Handle& handle, const std::string& path,
                                  std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  TRY(checkAlive(handle, path));
  Node& node = *handle.node;
  TRY(checkRoom(path, node.content.size(), size));
  node.content.resize(size);
  node.unsynced.push_back({.offset = size, .bytes = {}, .cut = true});
  return {};
}

void MemoryTree::setCapacity(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  capacityBytes_ = bytes;
}

Result<void> MemoryTree::flipBit(std::string_view path, std::uint64_t bit) {
  const std::lock_guard lock(mutex_);
  const NodePtr node = find(path);
  if (!node) return error(errnum_, "flip a bit of", path);
  const auto at = static_cast<std::size_t>(bit / 8);
  if (at >= node->content.size()) {
    return fail(Code::INVALID_ARGUMENT, pathOf(path) + " has no bit " + std::to_string(bit));
  }
  const char mask = static_cast<char>(1 << (bit % 8));
  node->content[at] ^= mask;
  if (at < node->durableContent.size()) node->durableContent[at] ^= mask;
  for (auto& write : node->unsynced) {
    if (at >= write.offset && at - write.offset < write.bytes.size()) {
      write.bytes[at - write.offset] ^= mask;
    }
  }
  return {};
}

void MemoryTree::crash(CrashLoss loss, Random& random) {
  const std::lock_guard lock(mutex_);
  ++life_;
  locked_.clear();
  if (loss == CrashLoss::NOTHING) return;  // the system still holds, and still may lose, it all

  const bool keepsSome = loss == CrashLoss::RANDOM_SUFFIX;
  const std::size_t kept = keepsSome ? random.below(pending_.size() + 1) : 0;
  for (std::size_t i = 0; i < kept; ++i) {
    for (const auto& edit : pending_[i]) {
      if (edit.child) {
        edit.dir->durable.insert_or_assign(edit.name, edit.child);
      } else {
        edit.dir->durable.erase(edit.name);
      }
    }
  }
  pending_.clear();

  // In the order of names, so that equal trees draw equal numbers.
  std::vector<Node*> open{root_.get()};
  while (!open.empty()) {
    Node& node = *open.back();
    open.pop_back();
    if (keepsSome && !node.unsynced.empty()) {
      const std::size_t whole = random.below(node.unsynced.size() + 1);
      for (std::size_t i = 0; i < whole; ++i) node.unsynced[i].applyTo(node.durableContent);
      if (whole < node.unsynced.size()) {
        Write torn = node.unsynced[whole];
        torn.bytes.resize(random.below(torn.bytes.size() + 1));
        if (!torn.cut) torn.applyTo(node.durableContent);
      }
    }
    node.unsynced.clear();
    node.content = node.durableContent;
    node.now = node.durable;
    for (const auto& [name, child] : node.now) open.push_back(child.get());
  }
}

}  // namespace cairn::io
