// What operations on extended attributes share: names, rights, rows.
// Layer: ops.
//
// Namespaces, with HDFS's rights: user (who may read and write the entry; in a directory with the
// sticky bit only its owner writes), trusted (superusers), raw, system and security (nobody, but
// for one name of the last).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "namenode/meta/meta_view.h"
#include "namenode/ops/context.h"

namespace cairn::nn {

// HDFS's dfs.namenode.fs-limits.max-xattrs-per-inode: of the namespaces user and trusted.
inline constexpr std::size_t XATTRS_PER_INODE_MAX = 32;
// HDFS's dfs.namenode.fs-limits.max-xattr-size: the name without its namespace, and the value,
// together.
inline constexpr std::size_t XATTR_BYTES_MAX = 16384;

// An attribute without a value whose file superusers may not read (HDFS's; once set it stays).
inline constexpr std::string_view XATTR_HIDES_FROM_SUPERUSER =
    "security.hdfs.unreadable.by.superuser";

enum class XAttrSpace : std::uint8_t { USER, TRUSTED, SYSTEM, SECURITY, RAW };

struct XAttrName {
  XAttrSpace space = XAttrSpace::USER;
  std::string text;  // with the namespace in lower case: "user.origin"
  // "origin"
  std::string_view rest() const { return std::string_view(text).substr(text.find('.') + 1); }
};

// INVALID_ARGUMENT: no namespace, or nothing behind it; not UTF-8, or a NUL in it.
Result<XAttrName> parseXAttrName(std::string_view name);
// Whether the caller may use the attribute at all, whatever the entry: PERMISSION_DENIED.
Result<void> allowXAttr(const Caller& caller, const XAttrName& name);
// Whether a caller who lists the attributes of an entry is told of this one.
bool showsXAttr(const Caller& caller, const XAttrName& name);
// Whether the caller may set and remove the attribute on this entry: PERMISSION_DENIED.
Result<void> allowXAttrChange(const Caller& caller, const XAttrName& name,
                              const record::Dirent& entry, std::string_view path);

struct NamedXAttr {
  XAttrName name;
  std::string value;
};
// All attributes of an inode, in byte order of their names.
Result<std::vector<NamedXAttr>> xattrsOf(const MetaView& view, InodeId inode);
Result<bool> hasXAttr(const MetaView& view, InodeId inode, std::string_view name);
// Removes their rows. At most XATTRS_PER_INODE_MAX and few.
Result<void> eraseXAttrs(Draft& draft, InodeId inode);

}  // namespace cairn::nn
