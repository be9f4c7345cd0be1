// The model's files: who writes them, and what becomes of their chunks.
#include <algorithm>
#include <functional>

#include "tests/model/namespace_model.h"

namespace cairn::model {

// --- Who has a file open ---

// All calls of a user come from one client, so a file that it opens again is the same to the
// namenode as the one it had open before: the earlier slot is forgotten.
void NamespaceModel::takeSlot(const Operation& o, const std::shared_ptr<Node>& file) {
  std::erase_if(slots_, [&](const auto& slot) {
    return slot.second.file == file && slot.second.user == o.user;
  });
  slots_[o.slot] = {file, o.user};
}

Result<std::shared_ptr<Node>> NamespaceModel::openFile(const Operation& o) const {
  const auto slot = slots_.find(o.slot);
  if (slot == slots_.end()) return no(Code::NOT_FOUND);
  const auto& file = slot->second.file;
  if (!reachable(*file)) return no(Code::NOT_FOUND);
  if (!file->open || file->writer != slot->second.user) return no(Code::LEASE_EXPIRED);
  return file;
}

Result<std::shared_ptr<Node>> NamespaceModel::existingFile(const std::string& user,
                                                           const std::string& path) const {
  ASSIGN(auto node, existing(user, path));
  if (node->directory) return no(Code::IS_A_DIRECTORY);
  return node;
}

void NamespaceModel::close(Node& file) {
  file.open = false;
  file.mtime = nowMs_;
}

// --- Writers ---

Result<void> NamespaceModel::commit(Node& file, const Operation& o) {
  Chunk& chunk = file.chunks.back();
  const std::uint64_t length = writtenLengthOf(o, chunk.length);
  if (length == 0 || length > CHUNK_SIZE || length < chunk.length) {
    return no(Code::INVALID_ARGUMENT);
  }
  chunk = {length, storedBytes(length)};
  file.writing = false;
  return {};
}

Result<std::string> NamespaceModel::addChunk(const Operation& o) {
  ASSIGN(const auto file, openFile(o));
  if (file->writing) TRY(commit(*file, o));
  file->chunks.emplace_back();
  file->writing = true;
  return "";
}

Result<std::string> NamespaceModel::abandon(const Operation& o) {
  ASSIGN(const auto file, openFile(o));
  if (!file->writing) return "";
  if (file->chunks.back().length > 0) return no(Code::INVALID_ARGUMENT);
  file->chunks.pop_back();
  file->writing = false;
  return "";
}

Result<std::string> NamespaceModel::complete(const Operation& o) {
  ASSIGN(const auto file, openFile(o));
  if (file->writing) TRY(commit(*file, o));
  close(*file);
  return "";
}

Result<std::string> NamespaceModel::append(const Operation& o) {
  ASSIGN(const auto file, existingFile(o.user, o.path));
  if (!may(o.user, *file, WRITE)) return no(Code::PERMISSION_DENIED);
  if (file->open) return no(Code::LEASE_CONFLICT);
  file->open = true;
  file->writer = o.user;
  file->writing = !file->chunks.empty() && !o.force && file->chunks.back().length < CHUNK_SIZE;
  takeSlot(o, file);
  return std::to_string(file->length()) + ", resumes at " +
         std::to_string(file->writing ? file->chunks.back().length : 0);
}

Result<std::string> NamespaceModel::sync(const Operation& o) {
  ASSIGN(const auto file, openFile(o));
  if (!file->writing) return no(Code::NOT_FOUND);
  auto& known = file->chunks.back().length;
  const std::uint64_t length = writtenLengthOf(o, known);
  if (length > CHUNK_SIZE) return no(Code::INVALID_ARGUMENT);
  known = std::max(known, length);
  return "";
}

// --- Files without a writer ---

Result<std::string> NamespaceModel::truncate(const Operation& o) {
  ASSIGN(const auto file, existingFile(o.user, o.path));
  if (!may(o.user, *file, WRITE)) return no(Code::PERMISSION_DENIED);
  if (file->open) {
    if (file->cutting && file->length() == o.length) return "false";
    return no(Code::LEASE_CONFLICT);
  }
  std::uint64_t length = file->length();
  if (o.length > length) return no(Code::INVALID_ARGUMENT);
  if (o.length == length) return "true";
  file->mtime = nowMs_;
  auto& chunks = file->chunks;
  while (length - chunks.back().length >= o.length) {
    length -= chunks.back().length;
    chunks.pop_back();
    if (length == o.length) return "true";
  }
  chunks.back().length -= length - o.length;
  file->open = file->writing = file->cutting = true;
  file->writer.clear();
  return "false";
}

Result<std::string> NamespaceModel::recoverLease(const Operation& o) {
  ASSIGN(const auto file, existingFile(o.user, o.path));
  if (!may(o.user, *file, WRITE)) return no(Code::PERMISSION_DENIED);
  if (!file->open) return "true";
  if (!file->writing) {
    close(*file);
    return "true";
  }
  file->writer.clear();
  return "false";
}

void NamespaceModel::finishRecoveries(const Operation& o) {
  const std::function<void(Node&)> visit = [&](Node& node) {
    for (auto& [name, child] : node.children) visit(*child);
    if (!node.open || !node.writer.empty()) return;
    auto& length = node.chunks.back().length;
    if (!node.cutting) length = recoveredLengthOf(o, length);
    if (length == 0) {
      node.chunks.pop_back();
    } else {
      node.chunks.back().stored = storedBytes(length);
    }
    node.writing = node.cutting = false;
    close(node);
  };
  visit(*root_);
}

Result<std::string> NamespaceModel::concat(const Operation& o) {
  ASSIGN(const At target, walk(o.user, o.path));
  if (target.entry == nullptr) return no(Code::NOT_FOUND);
  if (target.entry->directory) return no(Code::IS_A_DIRECTORY);
  if (!may(o.user, *target.entry, WRITE)) return no(Code::PERMISSION_DENIED);
  if (target.entry->open) return no(Code::INVALID_ARGUMENT);
  ASSIGN(const At source, walk(o.user, o.to));
  if (source.entry == nullptr) return no(Code::NOT_FOUND);
  if (source.entry->directory) return no(Code::IS_A_DIRECTORY);
  if (!maySticky(o.user, *source.parent, *source.entry) || !may(o.user, *source.parent, WRITE) ||
      !may(o.user, *source.entry, READ)) {
    return no(Code::PERMISSION_DENIED);
  }
  if (source.entry == target.entry || source.parent != target.parent || source.entry->open ||
      source.entry->chunks.empty()) {
    return no(Code::INVALID_ARGUMENT);
  }
  auto& chunks = target.entry->chunks;
  chunks.insert(chunks.end(), source.entry->chunks.begin(), source.entry->chunks.end());
  target.entry->mtime = nowMs_;
  discard(*source.parent, source.name());
  return "";
}

}  // namespace cairn::model
