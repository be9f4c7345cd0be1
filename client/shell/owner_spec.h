// Who chown and chgrp are told: "ann", "ann:users", ":users".
// Layer: client/shell.  Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace cairn::shell {

struct OwnerSpec {
  std::string owner;  // "": as it is
  std::string group;  // "": as it is
};

// Names are of letters, digits and _ - + . / @ as HDFS has them; nobody looks them up.
// INVALID_ARGUMENT with HDFS's words: "'a b' does not match expected pattern for [owner][:group]."
Result<OwnerSpec> parseOwnerSpec(std::string_view text);
// A group alone.
Result<OwnerSpec> parseGroupSpec(std::string_view text);

}  // namespace cairn::shell
