#include "tests/model/namespace_model.h"

#include <functional>

namespace cairn::model {
namespace {

void countInto(const Node& node, Summary& summary) {
  if (!node.directory) {
    ++summary.files;
    std::uint64_t stored = 0;
    for (const auto& chunk : node.chunks) stored += chunk.stored;
    summary.length += node.length();
    summary.space += node.length() * node.replication;
    summary.stored += stored;
    summary.storedSpace += stored * node.replication;
    return;
  }
  ++summary.directories;
  for (const auto& [name, child] : node.children) countInto(*child, summary);
}

std::string summaryOf(const Node& node) {
  Summary summary;
  countInto(node, summary);
  return summary.text();
}

EntryLine lineOf(const std::string& path, const Node& node) {
  return {.path = path,
          .directory = node.directory,
          .mode = node.mode,
          .owner = node.owner,
          .group = node.group,
          .size = node.directory ? node.children.size() : node.length(),
          .parts = node.chunks.size(),
          .open = node.open,
          .level = node.level,
          .replication = node.replication,
          .policy = node.policy,
          .mtime = node.mtime,
          .atime = node.atime};
}

std::string xattrsOf(const Node& node, bool trustedToo) {
  std::string text;
  for (const auto& [name, value] : node.xattrs) {
    if (trustedToo || name.starts_with("user.")) text += name + "=" + value + "|";
  }
  return text;
}

}  // namespace

std::uint64_t Node::length() const {
  std::uint64_t sum = 0;
  for (const auto& chunk : chunks) sum += chunk.length;
  return sum;
}

NamespaceModel::NamespaceModel() : root_(std::make_shared<Node>()) {
  root_->owner = "root";
  root_->group = "supergroup";
}

std::vector<std::string> NamespaceModel::split(const std::string& path) {
  std::vector<std::string> names;
  for (std::size_t at = 1; at < path.size();) {
    std::size_t end = path.find('/', at);
    if (end == std::string::npos) end = path.size();
    names.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

bool NamespaceModel::may(const std::string& user, const Node& node, unsigned bits) {
  if (user == "root") return true;
  const unsigned mine = user == node.owner       ? node.mode >> 6
                        : isIn(user, node.group) ? node.mode >> 3
                                                 : node.mode;
  return (mine & bits) == bits;
}

bool NamespaceModel::isIn(const std::string& user, const std::string& group) {
  if (user == "alice") return group == "staff";
  return user == "bob" && (group == "staff" || group == "others");
}

bool NamespaceModel::maySticky(const std::string& user, const Node& parent, const Node& entry) {
  return user == "root" || (parent.mode & STICKY) == 0 || user == parent.owner ||
         user == entry.owner;
}

Result<NamespaceModel::At> NamespaceModel::walk(const std::string& user,
                                                const std::string& path) const {
  At at;
  at.names = split(path);
  at.parent = root_.get();
  if (at.names.empty()) {
    at.parentExists = true;
    at.entry = root_;
    return at;
  }
  for (std::size_t i = 0;; ++i) {
    if (!may(user, *at.parent, EXECUTE)) return no(Code::PERMISSION_DENIED);
    const auto child = at.parent->children.find(at.names[i]);
    const bool there = child != at.parent->children.end();
    if (i + 1 == at.names.size()) {
      at.parentExists = true;
      if (there) at.entry = child->second;
      return at;
    }
    if (!there) return at;
    if (!child->second->directory) return no(Code::NOT_A_DIRECTORY);
    at.parent = child->second.get();
    at.depth = i + 1;
  }
}

std::shared_ptr<Node> NamespaceModel::add(Node& parent, const std::string& name,
                                          const std::string& user, unsigned mode) {
  auto node = std::make_shared<Node>();
  node->mode = mode;
  node->owner = user;
  node->group = parent.group;
  node->parent = &parent;
  node->mtime = nowMs_;
  parent.mtime = nowMs_;
  parent.children[name] = node;
  return node;
}

Node& NamespaceModel::makeParents(const At& at, const std::string& user, unsigned mode) {
  Node* parent = at.parent;
  for (std::size_t i = at.depth; i + 1 < at.names.size(); ++i) {
    parent = add(*parent, at.names[i], user, mode | 0300).get();
  }
  return *parent;
}

void NamespaceModel::detach(Node& parent, const std::string& name) {
  const auto it = parent.children.find(name);
  it->second->parent = nullptr;
  parent.children.erase(it);
  parent.mtime = nowMs_;
}

void NamespaceModel::discard(Node& parent, const std::string& name) {
  // Everything below loses its parent: open files outlive the tree they were in.
  const std::function<void(Node&)> orphan = [&](Node& node) {
    for (auto& [childName, child] : node.children) orphan(*child);
    node.parent = nullptr;
  };
  orphan(*parent.children.at(name));
  parent.children.erase(name);
  parent.mtime = nowMs_;
}

bool NamespaceModel::reachable(const Node& node) const {
  const Node* at = &node;
  while (at->parent != nullptr) at = at->parent;
  return at == root_.get();
}

Result<std::string> NamespaceModel::mkdirs(const Operation& o) {
  ASSIGN(const At at, walk(o.user, o.path));
  if (at.entry != nullptr) {
    if (!at.entry->directory) return no(Code::ALREADY_EXISTS);
    return "false";
  }
  if (!may(o.user, *at.parent, WRITE)) return no(Code::PERMISSION_DENIED);
  if (!o.parents && !at.parentExists) return no(Code::NOT_FOUND);
  add(makeParents(at, o.user, o.mode), at.name(), o.user, o.mode);
  return "true";
}

Result<std::string> NamespaceModel::create(const Operation& o) {
  ASSIGN(const At at, walk(o.user, o.path));
  if (!may(o.user, *at.parent, WRITE)) return no(Code::PERMISSION_DENIED);
  if (at.entry != nullptr) {
    if (at.entry->directory) return no(Code::ALREADY_EXISTS);
    if (!o.force) return no(at.entry->open ? Code::LEASE_CONFLICT : Code::ALREADY_EXISTS);
    if (!may(o.user, *at.entry, WRITE)) return no(Code::PERMISSION_DENIED);
  }
  if (!o.parents && !at.parentExists) return no(Code::NOT_FOUND);
  if (at.entry != nullptr) discard(*at.parent, at.name());
  Node& parent = makeParents(at, o.user, at.parent->mode & 0777);
  auto file = add(parent, at.name(), o.user, o.mode);
  file->directory = false;
  file->level = 1;
  for (const Node* above = &parent; above != nullptr; above = above->parent) {
    if (above->level == NO_LEVEL) continue;
    file->level = above->level;
    break;
  }
  file->atime = nowMs_;
  file->open = true;
  file->writer = o.user;
  takeSlot(o, file);
  return "";
}

bool NamespaceModel::mayRemoveBelow(const std::string& user, const Node& top) {
  if (top.children.empty()) return true;
  if (!may(user, top, READ | WRITE | EXECUTE)) return false;
  for (const auto& [name, child] : top.children) {
    if (!maySticky(user, top, *child)) return false;
    if (child->directory && !mayRemoveBelow(user, *child)) return false;
  }
  return true;
}

Result<std::string> NamespaceModel::remove(const Operation& o) {
  if (o.path == "/") return no(Code::INVALID_ARGUMENT);
  ASSIGN(const At at, walk(o.user, o.path));
  if (at.entry == nullptr) return "false";
  if (!maySticky(o.user, *at.parent, *at.entry)) return no(Code::PERMISSION_DENIED);
  if (!may(o.user, *at.parent, WRITE)) return no(Code::PERMISSION_DENIED);
  if (!at.entry->children.empty()) {
    if (!o.force) return no(Code::NOT_EMPTY);
    if (!mayRemoveBelow(o.user, *at.entry)) return no(Code::PERMISSION_DENIED);
  }
  discard(*at.parent, at.name());
  return "true";
}

Result<std::string> NamespaceModel::rename(const Operation& o) {
  if (o.path == "/") return no(Code::INVALID_ARGUMENT);
  ASSIGN(const At from, walk(o.user, o.path));
  if (from.entry != nullptr && !maySticky(o.user, *from.parent, *from.entry)) {
    return no(Code::PERMISSION_DENIED);
  }
  if (!may(o.user, *from.parent, WRITE)) return no(Code::PERMISSION_DENIED);
  if (o.to == "/" && !movesInto(o)) return no(Code::INVALID_ARGUMENT);
  std::string toPath = o.to;
  ASSIGN(At to, walk(o.user, toPath));
  if (movesInto(o) && to.entry != nullptr && to.entry->directory) {
    toPath = (toPath == "/" ? "" : toPath) + "/" + from.name();
    ASSIGN(to, walk(o.user, toPath));
  }
  if (!may(o.user, *to.parent, WRITE)) return no(Code::PERMISSION_DENIED);
  if (from.entry == nullptr) return no(Code::NOT_FOUND);
  if (o.path == toPath) {
    if (!movesInto(o)) return no(Code::ALREADY_EXISTS);
    return "";
  }
  if (from.entry->directory && toPath.starts_with(o.path + "/")) return no(Code::INVALID_ARGUMENT);
  if (to.entry != nullptr) {
    if (from.entry->directory != to.entry->directory || !o.force || !to.entry->children.empty()) {
      return no(Code::ALREADY_EXISTS);
    }
    if (!maySticky(o.user, *to.parent, *to.entry)) return no(Code::PERMISSION_DENIED);
    discard(*to.parent, to.name());
  } else if (!to.parentExists) {
    return no(Code::NOT_FOUND);
  }
  const auto moved = from.entry;
  detach(*from.parent, from.name());
  moved->parent = to.parent;
  to.parent->children[to.name()] = moved;
  to.parent->mtime = nowMs_;
  return "";
}

Result<std::shared_ptr<Node>> NamespaceModel::existing(const std::string& user,
                                                       const std::string& path) const {
  ASSIGN(const At at, walk(user, path));
  if (at.entry == nullptr) return no(Code::NOT_FOUND);
  return at.entry;
}

Result<std::string> NamespaceModel::setPermission(const Operation& o) {
  ASSIGN(const auto node, existing(o.user, o.path));
  if (o.user != "root" && o.user != node->owner) return no(Code::PERMISSION_DENIED);
  node->mode = o.mode;
  return "";
}

Result<std::string> NamespaceModel::setOwner(const Operation& o) {
  ASSIGN(const auto node, existing(o.user, o.path));
  if (o.user != "root") {
    if (o.user != node->owner) return no(Code::PERMISSION_DENIED);
    if (!ownerOf(o).empty() && ownerOf(o) != o.user) return no(Code::PERMISSION_DENIED);
    if (!groupOf(o).empty() && !isIn(o.user, groupOf(o))) return no(Code::PERMISSION_DENIED);
  }
  if (!ownerOf(o).empty()) node->owner = ownerOf(o);
  if (!groupOf(o).empty()) node->group = groupOf(o);
  return "";
}

Result<std::string> NamespaceModel::setReplication(const Operation& o) {
  if (replicationOf(o) == 0) return no(Code::INVALID_ARGUMENT);
  ASSIGN(const auto node, existing(o.user, o.path));
  if (!may(o.user, *node, WRITE)) return no(Code::PERMISSION_DENIED);
  if (node->directory) return "false";
  node->replication = replicationOf(o);
  return "true";
}

Result<std::string> NamespaceModel::setCompression(const Operation& o) {
  ASSIGN(const auto node, existing(o.user, o.path));
  if (!may(o.user, *node, WRITE)) return no(Code::PERMISSION_DENIED);
  if (o.force && !node->directory) return no(Code::INVALID_ARGUMENT);
  node->level = o.force ? NO_LEVEL : zstdLevelOf(o);
  return "";
}

Result<std::string> NamespaceModel::setTimes(const Operation& o) {
  ASSIGN(const auto node, existing(o.user, o.path));
  if (!may(o.user, *node, WRITE)) return no(Code::PERMISSION_DENIED);
  if (mtimeOf(o) != -1) node->mtime = mtimeOf(o);
  if (atimeOf(o) != -1 && !node->directory) node->atime = atimeOf(o);
  return "";
}

Result<std::string> NamespaceModel::setPolicy(const Operation& o) {
  if (policyOf(o) == 3) return no(Code::INVALID_ARGUMENT);
  ASSIGN(const auto node, existing(o.user, o.path));
  if (!may(o.user, *node, WRITE)) return no(Code::PERMISSION_DENIED);
  node->policy = policyOf(o);
  return "";
}

Result<std::string> NamespaceModel::setXAttr(const Operation& o) {
  ASSIGN(const auto node, existing(o.user, o.path));
  const std::string name = xattrNameOf(o);
  if (!mayChangeXAttr(o.user, name, *node)) return no(Code::PERMISSION_DENIED);
  const bool exists = node->xattrs.contains(name);
  if ((exists && !o.force) || (!exists && !o.parents)) return no(Code::INVALID_ARGUMENT);
  node->xattrs[name] = std::to_string(o.length);
  return "";
}

Result<std::string> NamespaceModel::removeXAttr(const Operation& o) {
  ASSIGN(const auto node, existing(o.user, o.path));
  const std::string name = xattrNameOf(o);
  if (!mayChangeXAttr(o.user, name, *node)) return no(Code::PERMISSION_DENIED);
  if (node->xattrs.erase(name) == 0) return no(Code::INVALID_ARGUMENT);
  return "";
}

bool NamespaceModel::mayChangeXAttr(const std::string& user, const std::string& name,
                                    const Node& node) {
  if (name.starts_with("trusted.")) return user == "root";
  if (!name.starts_with("user.")) return false;
  if (node.directory && (node.mode & STICKY) != 0) return user == "root" || user == node.owner;
  return may(user, node, WRITE);
}

Result<std::string> NamespaceModel::read(const Operation& o) {
  ASSIGN(const At at, walk(o.user, o.path));
  if (at.entry == nullptr) return no(Code::NOT_FOUND);
  const Node& node = *at.entry;
  if (o.what == Do::SUMMARY) {
    if (node.directory && !may(o.user, node, READ | EXECUTE)) return no(Code::PERMISSION_DENIED);
    return summaryOf(node);
  }
  if (o.what == Do::XATTRS) {
    if (!may(o.user, node, READ)) return no(Code::PERMISSION_DENIED);
    return xattrsOf(node, o.user == "root");
  }
  if (o.what == Do::LIST) {
    if (!node.directory) return "|";
    if (!may(o.user, node, READ | EXECUTE)) return no(Code::PERMISSION_DENIED);
    std::string names;
    for (const auto& [name, child] : node.children) names += name + "|";
    return names;
  }
  if (o.what == Do::LOCATE) {
    if (node.directory) return no(Code::IS_A_DIRECTORY);
    if (!may(o.user, node, READ)) return no(Code::PERMISSION_DENIED);
    if (nowMs_ > node.atime + ACCESS_PRECISION_MS) at.entry->atime = nowMs_;
    std::string lengths;
    for (const auto& chunk : node.chunks) lengths += std::to_string(chunk.length) + "|";
    return lengths;
  }
  return lineOf("", node).text();
}

Result<std::string> NamespaceModel::apply(const Operation& o, std::int64_t nowMs) {
  nowMs_ = nowMs;
  switch (o.what) {
    case Do::MKDIRS: return mkdirs(o);
    case Do::CREATE: return create(o);
    case Do::ADD_CHUNK: return addChunk(o);
    case Do::ABANDON: return abandon(o);
    case Do::COMPLETE: return complete(o);
    case Do::REMOVE: return remove(o);
    case Do::RENAME: return rename(o);
    case Do::SET_PERMISSION: return setPermission(o);
    case Do::SET_OWNER: return setOwner(o);
    case Do::SET_REPLICATION: return setReplication(o);
    case Do::SET_COMPRESSION: return setCompression(o);
    case Do::SET_XATTR: return setXAttr(o);
    case Do::REMOVE_XATTR: return removeXAttr(o);
    case Do::CONCAT: return concat(o);
    case Do::SET_TIMES: return setTimes(o);
    case Do::SET_POLICY: return setPolicy(o);
    case Do::APPEND: return append(o);
    case Do::SYNC: return sync(o);
    case Do::TRUNCATE: return truncate(o);
    case Do::RECOVER_LEASE: return recoverLease(o);
    case Do::STAT:
    case Do::LIST:
    case Do::LOCATE:
    case Do::SUMMARY:
    case Do::XATTRS: return read(o);
    case Do::FINISH_RECOVERIES: finishRecoveries(o); break;
    case Do::REPEAT:
    case Do::RESTART: break;
  }
  return "";
}

std::string EntryLine::text() const {
  std::string line = path + " " + (directory ? "d" : "-") + " " + std::to_string(mode) + " " +
                     owner + ":" + group + " " + std::to_string(size) + " " +
                     std::to_string(parts) + (open ? " open" : "");
  if (level != NO_LEVEL) line += " zstd " + std::to_string(level);
  if (!directory) line += " x" + std::to_string(replication);
  if (policy != 0) line += " policy " + std::to_string(policy);
  return line + " m " + std::to_string(mtime) + " a " + std::to_string(atime) + "\n";
}

std::string Summary::text() const {
  return std::to_string(files) + " files, " + std::to_string(directories) + " directories, " +
         std::to_string(length) + " bytes, " + std::to_string(space) + " in all, stored " +
         std::to_string(stored) + ", " + std::to_string(storedSpace) + "\n";
}

std::string NamespaceModel::dump() const {
  std::string text;
  std::function<void(const Node&, const std::string&)> visit = [&](const Node& directory,
                                                                   const std::string& path) {
    for (const auto& [name, node] : directory.children) {
      const std::string childPath = path + "/" + name;
      text += lineOf(childPath, *node).text();
      text += summaryOf(*node) + xattrsOf(*node, true) + "\n";
      if (node->directory) visit(*node, childPath);
    }
  };
  text += summaryOf(*root_) + xattrsOf(*root_, true) + "\n";
  visit(*root_, "");
  return text;
}

}  // namespace cairn::model
