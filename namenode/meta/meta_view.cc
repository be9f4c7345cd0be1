#include "namenode/meta/meta_view.h"

#include "namenode/meta/records.h"

namespace cairn::nn {

Result<std::shared_ptr<const PathNode>> MetaView::findNode(InodeId parent,
                                                           std::string_view name) const {
  ASSIGN(auto dirent, findDirent(*this, parent, name));
  if (!dirent.has_value()) return std::shared_ptr<const PathNode>();
  return std::make_shared<const PathNode>(toPathNode(*dirent));
}

}  // namespace cairn::nn
