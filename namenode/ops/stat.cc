#include "namenode/ops/stat.h"

#include "namenode/ops/reserved.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {

Result<record::Dirent> stat(const MetaView& view, const Caller& caller, const Path& path) {
  ASSIGN(auto at, resolve(view, caller, path));
  if (at.entry.has_value()) return std::move(*at.entry);
  if (isReservedDirectory(path)) return reservedDirectory();
  return doesNotExist(path);
}

}  // namespace cairn::nn
