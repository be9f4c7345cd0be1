// HDFS's permission rules: owner, group, mode bits, sticky bit, superuser.
// Layer: ops (pure).  Errors: PERMISSION_DENIED with HDFS's text, which its shell prints as it is.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/result.h"
#include "namenode/meta/meta_view.h"
#include "namenode/ops/context.h"

namespace cairn::nn {

// Bits of one class of a mode.
enum class Access : std::uint8_t {
  EXECUTE = 1,
  WRITE = 2,
  WRITE_EXECUTE = 3,
  READ = 4,
  READ_EXECUTE = 5,
  READ_WRITE = 6,
  ALL = 7,
};

inline constexpr std::uint16_t STICKY_BIT = 01000;
inline constexpr std::uint16_t MODE_MAX = 01777;

// Whether the caller has all of `access` on this node: by the owner's bits if it is the owner, else
// by the group's if it is a member, else by the others'. `path` names the node in the message.
Result<void> checkAccess(const Caller& caller, const PathNode& node, Access access,
                         std::string_view path);

// In a directory with the sticky bit only the owner of the directory or of the entry may remove or
// rename an entry. `path`, `parentPath`: for the message.
Result<void> checkSticky(const Caller& caller, const PathNode& parent, std::string_view parentPath,
                         const PathNode& entry, std::string_view path);

// PERMISSION_DENIED for anyone but the owner of the entry and superusers.
Result<void> requireOwner(const Caller& caller, const PathNode& entry, std::string_view path);

// PERMISSION_DENIED for anyone but a superuser: "Access denied for user bob. Superuser privilege is
// required", HDFS's text.
Result<void> requireSuperuser(const Caller& caller);

// "rwxr-xr-x", with t or T for the sticky bit.
std::string modeText(std::uint16_t mode);

}  // namespace cairn::nn
