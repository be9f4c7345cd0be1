// Local files as Hadoop's grammar names them.
// Layer: client/shell.  Pure.
#pragma once

#include <string>
#include <string_view>

namespace cairn::shell::hadoop {

// "/a" for "file:///a" and "file:/a", whose characters stand for themselves (no %20), as in Hadoop;
// anything else is a path already.
std::string localPathOf(std::string_view operand);

}  // namespace cairn::shell::hadoop
