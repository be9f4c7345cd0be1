// The documented default cairn.toml.
// Layer: config (std only).  Pure.
#pragma once

#include <string>

namespace cairn::config {

// Every section and key with its help, allowed values and default, the key commented out: a valid
// file that changes nothing.
std::string defaultConfigFile();

}  // namespace cairn::config
