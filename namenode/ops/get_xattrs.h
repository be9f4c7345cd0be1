// getXAttrs: extended attributes of a file or directory.
// Layer: ops.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"
#include "namenode/ops/xattrs.h"

namespace cairn::nn {

// Those with these names, each once, or all that the caller is told of when none is named; in byte
// order of their names. INVALID_ARGUMENT: one that is named does not exist (nothing is told then),
// or can be no name; PERMISSION_DENIED (read on the entry; xattrs.h), NOT_FOUND, NOT_A_DIRECTORY.
Result<std::vector<NamedXAttr>> getXAttrs(const MetaView& view, const Caller& caller,
                                          const Path& path, std::span<const std::string> names);

}  // namespace cairn::nn
