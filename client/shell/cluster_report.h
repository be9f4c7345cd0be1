// `cairn admin report` as text.
// Layer: client/shell.  Pure.
#pragma once

#include <string>
#include <string_view>

#include "cairn/types.h"

namespace cairn::shell {

std::string describeCluster(std::string_view namenode, const ClusterReport& report);
// The same as a JSON object, with all figures in bytes and ms.
std::string clusterJson(std::string_view namenode, const ClusterReport& report);

}  // namespace cairn::shell
