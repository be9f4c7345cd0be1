// The caller's rights on everything below a directory that is to be removed. HDFS wants more for a
// tree than write permission on its parent: all rights on each directory in it that is not empty,
// and what the sticky bit of such a directory says of its entries.
// Layer: ops.  The tree is walked in slices, so that no other operation waits for it.
#pragma once

#include <string>
#include <vector>

#include "namenode/meta/meta_view.h"
#include "namenode/ops/context.h"

namespace cairn::nn {

class SubtreeCheck {
public:
  // `top`, `path`: the directory that is to go.
  SubtreeCheck(PathNode top, std::string path);
  InodeId top() const { return top_; }

  // Looks at about `budget` rows. True when all is checked; false: call again, perhaps with a newer
  // view. PERMISSION_DENIED for the first directory that forbids it. Memory: the directories seen
  // and not yet walked. What changes behind the walk meanwhile is not seen, as in HDFS without its
  // global lock.
  Result<bool> step(const MetaView& view, const Caller& caller, std::size_t budget);

private:
  struct Directory {
    PathNode node;
    std::string path;
    std::string cursor;  // last child seen; "" = none
  };
  InodeId top_;
  std::vector<Directory> open_;
};

}  // namespace cairn::nn
