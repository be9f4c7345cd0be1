// What a path of the cluster that is being typed may go on as.
// Layer: client/shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cairn/client.h"
#include "client/shell/remote_path.h"

namespace cairn::shell {

// At most COMPLETIONS_MAX whole paths in the manner in which `typed` began (relative, with a
// scheme), directories with a slash at the end, sorted. Nothing on any error: nobody wants to read
// messages while typing. Two calls to the namenode, for a directory of any size.
inline constexpr std::uint32_t COMPLETIONS_MAX = 500;
std::vector<std::string> completePath(Client& client, const PathContext& context,
                                      std::string_view typed);

}  // namespace cairn::shell
