#include "namenode/ops/get_xattrs.h"

#include <set>
#include <string>

#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {

Result<std::vector<NamedXAttr>> getXAttrs(const MetaView& view, const Caller& caller,
                                          const Path& path, std::span<const std::string> names) {
  std::set<std::string> wanted;
  for (const auto& name : names) {
    ASSIGN(auto parsed, parseXAttrName(name));
    TRY(allowXAttr(caller, parsed));
    wanted.insert(std::move(parsed.text));
  }
  ASSIGN(const auto at, resolveExisting(view, caller, path));
  TRY(checkAccess(caller, toPathNode(*at.entry), Access::READ, path.text()));
  std::vector<NamedXAttr> all;
  if (at.entry->has_xattrs()) {
    ASSIGN(all, xattrsOf(view, InodeId(at.entry->id())));
  }
  std::erase_if(all, [&](const NamedXAttr& one) {
    return wanted.empty() ? !showsXAttr(caller, one.name) : !wanted.contains(one.name.text);
  });
  if (all.size() < wanted.size()) {
    return fail(Code::INVALID_ARGUMENT, "At least one of the attributes provided was not found.");
  }
  return all;
}

}  // namespace cairn::nn
