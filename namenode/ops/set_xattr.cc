#include "namenode/ops/set_xattr.h"

#include <algorithm>

#include "namenode/meta/records.h"
#include "namenode/ops/directories.h"
#include "namenode/ops/resolve.h"
#include "namenode/ops/xattrs.h"

namespace cairn::nn {
namespace {

// HDFS's texts, which its shell prints.
Result<void> checkFlags(const SetXAttrRequest& request, const XAttrName& name, bool exists) {
  if (!request.create && !request.replace) {
    return fail(Code::INVALID_ARGUMENT, "A flag must be specified.");
  }
  if (exists && !request.replace) {
    return fail(Code::INVALID_ARGUMENT, "XAttr: " + std::string(name.rest()) +
                                            " already exists. The REPLACE flag must be specified.");
  }
  if (!exists && !request.create) {
    return fail(Code::INVALID_ARGUMENT, "XAttr: " + std::string(name.rest()) +
                                            " does not exist. The CREATE flag must be specified.");
  }
  return {};
}

bool counts(const XAttrName& name) {
  return name.space == XAttrSpace::USER || name.space == XAttrSpace::TRUSTED;
}

}  // namespace

Result<Outcome> setXAttr(Draft& draft, Context& context, const SetXAttrRequest& request) {
  ASSIGN(const auto name, parseXAttrName(request.name));
  const std::size_t bytes = name.rest().size() + request.value.size();
  if (bytes > XATTR_BYTES_MAX) {
    return fail(Code::LIMIT_EXCEEDED,
                "The XAttr is too big. The maximum combined size of the name and value is " +
                    std::to_string(XATTR_BYTES_MAX) + ", but the total size is " +
                    std::to_string(bytes));
  }
  ASSIGN(const auto at, resolveExisting(draft, context.caller, request.path));
  TRY(allowXAttrChange(context.caller, name, *at.entry, request.path.text()));
  if (name.text == XATTR_HIDES_FROM_SUPERUSER) {
    if (!request.value.empty()) {
      return fail(Code::PERMISSION_DENIED, "Attempt to set a value for '" + name.text +
                                               "'. Values are not allowed for this xattr.");
    }
    if (isDirectory(*at.entry)) {
      return fail(Code::INVALID_ARGUMENT, "Can only set '" + name.text + "' on a file.");
    }
  }
  const InodeId inode(at.entry->id());
  ASSIGN(const auto all, xattrsOf(draft, inode));
  const bool exists = std::ranges::any_of(
      all, [&](const NamedXAttr& known) { return known.name.text == name.text; });
  TRY(checkFlags(request, name, exists));
  const auto counted =
      std::ranges::count_if(all, [](const NamedXAttr& known) { return counts(known.name); });
  if (!exists && counts(name) && static_cast<std::size_t>(counted) >= XATTRS_PER_INODE_MAX) {
    return fail(Code::LIMIT_EXCEEDED,
                "Cannot add additional XAttr to inode, would exceed limit of " +
                    std::to_string(XATTRS_PER_INODE_MAX));
  }
  record::XAttr row;
  row.set_value(std::string(request.value));
  const std::string key = xattrKey(inode, name.text);
  if (exists) {
    draft.update(Table::XATTR, key, std::move(row));
  } else {
    draft.insert(Table::XATTR, key, std::move(row));
  }
  if (!at.entry->has_xattrs()) {
    record::Dirent after = *at.entry;
    after.set_has_xattrs(true);
    changeResolved(draft, at, request.path, std::move(after));
  }
  return Outcome();
}

}  // namespace cairn::nn
