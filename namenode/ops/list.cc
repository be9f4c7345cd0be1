#include "namenode/ops/list.h"

#include <algorithm>

#include "common/base/limits.h"
#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/reserved.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {

Result<Listing> list(const MetaView& view, const Caller& caller, const Path& path,
                     std::string_view startAfter, std::uint32_t limit) {
  const std::size_t page =
      limit == 0 ? limits::LIST_PAGE_MAX : std::min(limit, limits::LIST_PAGE_MAX);
  ASSIGN(auto at, resolve(view, caller, path));
  if (!at.entry.has_value()) {
    if (isReservedDirectory(path)) {
      return listReservedDirectory(at.parent->group, startAfter, page);
    }
    return doesNotExist(path);
  }
  Listing listing;
  if (!isDirectory(*at.entry)) {
    listing.isFile = true;
    listing.entries.push_back({"", std::move(*at.entry)});
    return listing;
  }
  TRY(checkAccess(caller, toPathNode(*at.entry), Access::READ_EXECUTE, path.text()));
  const InodeId directory(at.entry->id());
  const Key after = direntKey(directory, startAfter);
  const auto cursor = view.scanFrom(Table::DIRENT, direntPrefix(directory), after);
  if (cursor->valid() && cursor->key() == after.view()) cursor->next();
  for (; cursor->valid(); cursor->next()) {
    if (listing.entries.size() == page) {
      listing.more = true;
      break;
    }
    auto& entry = listing.entries.emplace_back();
    entry.name = nameInDirentKey(cursor->key());
    TRY(parseRow(Table::DIRENT, cursor->key(), cursor->value(), entry.entry));
  }
  TRY(cursor->status());
  return listing;
}

}  // namespace cairn::nn
