#include "namenode/ops/remove_xattr.h"

#include "namenode/meta/records.h"
#include "namenode/ops/directories.h"
#include "namenode/ops/resolve.h"
#include "namenode/ops/xattrs.h"

namespace cairn::nn {

Result<Outcome> removeXAttr(Draft& draft, Context& context, const Path& path,
                            std::string_view name) {
  ASSIGN(const auto wanted, parseXAttrName(name));
  ASSIGN(const auto at, resolveExisting(draft, context.caller, path));
  TRY(allowXAttrChange(context.caller, wanted, *at.entry, path.text()));
  const InodeId inode(at.entry->id());
  ASSIGN(const auto all, xattrsOf(draft, inode));
  for (const auto& known : all) {
    if (known.name.text != wanted.text) continue;
    if (wanted.text == XATTR_HIDES_FROM_SUPERUSER) {
      return fail(Code::PERMISSION_DENIED, "The xattr '" + wanted.text + "' can not be deleted.");
    }
    draft.erase(Table::XATTR, xattrKey(inode, wanted.text));
    if (all.size() == 1) {
      record::Dirent after = *at.entry;
      after.set_has_xattrs(false);
      changeResolved(draft, at, path, std::move(after));
    }
    return Outcome();
  }
  return fail(Code::INVALID_ARGUMENT, "No matching attributes found for remove operation");
}

}  // namespace cairn::nn
