// Failures in the words of Hadoop's shell.
// Layer: client/shell.  Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/base/status.h"

namespace cairn::shell::hadoop {

// "`/x': No such file or directory" and the like. A failure whose code alone does not say it keeps
// its message; so does NOT_A_DIRECTORY when it has one: it speaks of another component of the path.
std::string wordsFor(std::string_view shown, const Status& failure);

// "`/x': No such file or directory: `hdfs://nn:8020/x'": the directory above is missing.
std::string noParent(std::string_view shown, std::string_view qualified);

}  // namespace cairn::shell::hadoop
