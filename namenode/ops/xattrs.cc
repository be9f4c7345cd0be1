#include "namenode/ops/xattrs.h"

#include <algorithm>
#include <array>

#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/path.h"

namespace cairn::nn {
namespace {

constexpr std::array<std::string_view, 5> SPACES{"user", "trusted", "system", "security", "raw"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::unexpected<Status> noNamespace() {
  return fail(Code::INVALID_ARGUMENT,
              "An XAttr name must be prefixed with user/trusted/security/system/raw, followed by a "
              "'.'");
}

}  // namespace

Result<XAttrName> parseXAttrName(std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return noNamespace();
  std::string space(name.substr(0, dot));
  std::ranges::transform(space, space.begin(), lower);
  const auto known = std::ranges::find(SPACES, space);
  if (known == SPACES.end()) return noNamespace();
  if (dot + 1 == name.size()) return fail(Code::INVALID_ARGUMENT, "XAttr name cannot be empty.");
  if (!isUtf8(name) || name.find('\0') != std::string_view::npos) {
    return fail(Code::INVALID_ARGUMENT, "an XAttr name is UTF-8 without NUL");
  }
  return XAttrName{.space = static_cast<XAttrSpace>(known - SPACES.begin()),
                   .text = space + std::string(name.substr(dot))};
}

Result<void> allowXAttr(const Caller& caller, const XAttrName& name) {
  if (name.space == XAttrSpace::USER || (name.space == XAttrSpace::TRUSTED && caller.superuser) ||
      name.text == XATTR_HIDES_FROM_SUPERUSER) {
    return {};
  }
  return fail(Code::PERMISSION_DENIED, "User doesn't have permission for xattr: " + name.text);
}

bool showsXAttr(const Caller& caller, const XAttrName& name) {
  return allowXAttr(caller, name).has_value();
}

Result<void> allowXAttrChange(const Caller& caller, const XAttrName& name,
                              const record::Dirent& entry, std::string_view path) {
  TRY(allowXAttr(caller, name));
  if (name.space == XAttrSpace::USER && isDirectory(entry) && (entry.mode() & STICKY_BIT) != 0) {
    return requireOwner(caller, toPathNode(entry), path);
  }
  return checkAccess(caller, toPathNode(entry), Access::WRITE, path);
}

Result<std::vector<NamedXAttr>> xattrsOf(const MetaView& view, InodeId inode) {
  std::vector<NamedXAttr> all;
  const auto cursor = view.scan(Table::XATTR, xattrPrefix(inode));
  for (; cursor->valid(); cursor->next()) {
    record::XAttr row;
    TRY(parseRow(Table::XATTR, cursor->key(), cursor->value(), row));
    ASSIGN(auto name, parseXAttrName(nameInXAttrKey(cursor->key())));
    all.push_back({std::move(name), std::move(*row.mutable_value())});
  }
  TRY(cursor->status());
  return all;
}

Result<bool> hasXAttr(const MetaView& view, InodeId inode, std::string_view name) {
  std::string value;
  return view.get(Table::XATTR, xattrKey(inode, name), value);
}

Result<void> eraseXAttrs(Draft& draft, InodeId inode) {
  ASSIGN(const auto all, xattrsOf(draft, inode));
  for (const auto& one : all) draft.erase(Table::XATTR, xattrKey(inode, one.name.text));
  return {};
}

}  // namespace cairn::nn
