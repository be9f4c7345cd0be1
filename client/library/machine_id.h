// Which machine this is, for telling whether a Unix socket of a datanode can be reached from here.
// Layer: client/library.
#pragma once

#include <string>

namespace cairn::library {

// The kernel's boot id (/proc/sys/kernel/random/boot_id) as it stands there, without the line's
// end: the same for all processes until the next boot, in containers too. "" when it cannot be
// read.
std::string machineId();

}  // namespace cairn::library
