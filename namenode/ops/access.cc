#include "namenode/ops/access.h"

#include <algorithm>
#include <array>

namespace cairn::nn {
namespace {

constexpr std::array<std::string_view, 8> ACCESS_NAMES{
    "NONE", "EXECUTE", "WRITE", "WRITE_EXECUTE", "READ", "READ_EXECUTE", "READ_WRITE", "ALL"};

// root:supergroup:drwxr-xr-x
std::string rightsText(const PathNode& node) {
  return node.owner + ":" + node.group + ":" + (node.directory ? "d" : "-") + modeText(node.mode);
}

}  // namespace

std::string modeText(std::uint16_t mode) {
  static constexpr std::string_view LETTERS = "rwxrwxrwx";
  std::string text(LETTERS);
  for (unsigned i = 0; i < LETTERS.size(); ++i) {
    if ((mode >> (8 - i) & 1) == 0) text[i] = '-';
  }
  if ((mode & STICKY_BIT) != 0) text.back() = (mode & 1) != 0 ? 't' : 'T';
  return text;
}

Result<void> checkAccess(const Caller& caller, const PathNode& node, Access access,
                         std::string_view path) {
  if (caller.superuser) return {};
  unsigned shift = 0;
  if (caller.user == node.owner) {
    shift = 6;
  } else if (std::ranges::find(caller.groups, node.group) != caller.groups.end()) {
    shift = 3;
  }
  const auto wanted = static_cast<unsigned>(access);
  if ((node.mode >> shift & wanted) == wanted) return {};
  return fail(Code::PERMISSION_DENIED, "Permission denied: user=" + caller.user + ", access=" +
                                           std::string(ACCESS_NAMES[wanted]) + ", inode=\"" +
                                           std::string(path) + "\":" + rightsText(node));
}

Result<void> checkSticky(const Caller& caller, const PathNode& parent, std::string_view parentPath,
                         const PathNode& entry, std::string_view path) {
  if (caller.superuser || (parent.mode & STICKY_BIT) == 0 || caller.user == parent.owner ||
      caller.user == entry.owner) {
    return {};
  }
  return fail(Code::PERMISSION_DENIED, "Permission denied by sticky bit: user=" + caller.user +
                                           ", path=\"" + std::string(path) +
                                           "\":" + rightsText(entry) + ", parent=\"" +
                                           std::string(parentPath) + "\":" + rightsText(parent));
}

Result<void> requireOwner(const Caller& caller, const PathNode& entry, std::string_view path) {
  if (caller.superuser || caller.user == entry.owner) return {};
  return fail(Code::PERMISSION_DENIED, "Permission denied. user=" + caller.user +
                                           " is not the owner of inode=" + std::string(path));
}

Result<void> requireSuperuser(const Caller& caller) {
  if (caller.superuser) return {};
  return fail(Code::PERMISSION_DENIED,
              "Access denied for user " + caller.user + ". Superuser privilege is required");
}

}  // namespace cairn::nn
