// list: the children of a directory, page by page, in byte order of their names.
// Layer: ops.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

struct NamedEntry {
  std::string name;
  record::Dirent entry;
};

struct Listing {
  std::vector<NamedEntry> entries;
  bool more = false;
  bool isFile = false;  // the path is a file: it lists itself, with an empty name
};

// Children after `startAfter` (exclusive; it need not exist), at most `limit`; 0 or more than
// LIST_PAGE_MAX: LIST_PAGE_MAX. NOT_FOUND, NOT_A_DIRECTORY, PERMISSION_DENIED (read and search on
// the directory). O(page).
Result<Listing> list(const MetaView& view, const Caller& caller, const Path& path,
                     std::string_view startAfter, std::uint32_t limit);

}  // namespace cairn::nn
