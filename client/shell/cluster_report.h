// `cairn admin report` as text.
// Layer: client/shell.  Pure.
#pragma once

#include <string>
#include <string_view>

#include "cairn/types.h"

namespace cairn::shell {

std::string describeCluster(std::string_view namenode, const ClusterReport& report);

}  // namespace cairn::shell
