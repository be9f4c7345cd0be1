// Failures in the words of POSIX tools.
// Layer: client/shell.  Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/base/status.h"

namespace cairn::shell {

// "no such file or directory" for what `ls` would say so, the failure's own message for the rest.
std::string posixText(const Status& failure);

// How the namenode's message begins about a path with too many levels or bytes.
inline constexpr std::string_view PATH_TOO_LONG = "the path has ";
// How a failure begins that listingFailure() has put so.
inline constexpr std::string_view NOT_LOOKED_INTO = "not looked into: ";
// What became of looking into a directory or file that was found in one above. A tree can be moved
// to where paths in it are beyond the limits (limits.h): the message says then that it was passed
// over. All else stays as it is.
Status listingFailure(Status failure);

// What a call on the open file under `path` failed with. When the file is not its writer's any
// more: LEASE_EXPIRED with a message that says so, for "no such file" would be taken to mean the
// source or the target's directory. All else stays as it is.
Status writingFailure(Status failure, std::string_view path);

}  // namespace cairn::shell
