#include "namenode/ops/subtree_check.h"

#include <utility>

#include "namenode/meta/records.h"
#include "namenode/ops/access.h"

namespace cairn::nn {

SubtreeCheck::SubtreeCheck(PathNode top, std::string path) : top_(top.id) {
  open_.push_back({std::move(top), std::move(path), {}});
}

Result<bool> SubtreeCheck::step(const MetaView& view, const Caller& caller, std::size_t budget) {
  while (!open_.empty()) {
    // By value: pushing below moves the vector's elements.
    Directory directory = std::move(open_.back());
    open_.pop_back();
    const InodeId inode = directory.node.id;
    const Key after = direntKey(inode, directory.cursor);
    const auto cursor = view.scanFrom(Table::DIRENT, direntPrefix(inode), after);
    if (directory.cursor.empty()) {
      // An empty directory asks for no rights.
      if (!cursor->valid()) {
        TRY(cursor->status());
        continue;
      }
      TRY(checkAccess(caller, directory.node, Access::ALL, directory.path));
    } else if (cursor->valid() && cursor->key() == after.view()) {
      cursor->next();
    }
    std::vector<Directory> found;
    for (; cursor->valid() && budget > 0; cursor->next(), --budget) {
      record::Dirent child;
      TRY(parseRow(Table::DIRENT, cursor->key(), cursor->value(), child));
      directory.cursor = nameInDirentKey(cursor->key());
      const std::string path = directory.path + "/" + directory.cursor;
      TRY(checkSticky(caller, directory.node, directory.path, toPathNode(child), path));
      if (isDirectory(child) && child.child_count() > 0) {
        found.push_back({toPathNode(child), path, {}});
      }
    }
    TRY(cursor->status());
    if (cursor->valid()) open_.push_back(std::move(directory));
    for (auto& child : found) open_.push_back(std::move(child));
    if (budget == 0 && !open_.empty()) return false;
  }
  return true;
}

}  // namespace cairn::nn
