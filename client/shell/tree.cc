#include "client/shell/tree.h"

namespace cairn::shell {

void walkTree(Client& client, const Item& item, const TreeWalk& walk) {
  if (walk.over()) return;
  walk.visit(item);
  if (!item.isDirectory()) return;
  const auto children = childrenOf(client, item);
  if (!children.has_value()) return walk.failed(item.shown, children.error());
  for (const auto& child : *children) {
    if (walk.over()) return;
    walkTree(client, child, walk);
  }
}

}  // namespace cairn::shell
