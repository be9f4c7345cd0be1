#include "namenode/ops/stat.h"

#include "namenode/ops/resolve.h"

namespace cairn::nn {

Result<record::Dirent> stat(const MetaView& view, const Caller& caller, const Path& path) {
  ASSIGN(auto at, resolveExisting(view, caller, path));
  return std::move(*at.entry);
}

}  // namespace cairn::nn
