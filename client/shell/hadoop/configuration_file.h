// Hadoop's configuration files, as core-site.xml is one.
// Layer: client/shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace cairn::shell::hadoop {

struct Property {
  std::string name;
  std::string value;  // without space around it; "${...}" in it is left as it is
};

// The properties of such a text, in their order: names may come twice. Pure.
// INVALID_ARGUMENT, with the line: not XML, not a configuration, one that includes others.
Result<std::vector<Property>> parseConfiguration(std::string_view xml);

// Of a local file of at most a MiB. INVALID_ARGUMENT and what reading fails with; both name the
// file. Unlike Hadoop's, a file that is not there is an error.
Result<std::vector<Property>> readConfiguration(const std::string& path);

}  // namespace cairn::shell::hadoop
