// The command line of `cairn mini`.
// Layer: client/cairn.  Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace cairn::app {

struct MiniOptions {
  std::string directory;  // "": the default place
  std::uint32_t datanodes = 3;
  std::optional<std::uint16_t> namenodePort;  // the job tracker's is the next one
  bool anyPorts = false;                      // --ports auto
  // Instead of running a cluster: stops this datanode (from 1) of the one that runs in `directory`.
  std::optional<std::uint32_t> stopDatanode;

  static constexpr std::uint32_t DATANODES_MAX = 64;  // threads of one process: about ten each

  // INVALID_ARGUMENT names the flag and what is allowed.
  static Result<MiniOptions> parse(const std::vector<std::string>& args);
};

}  // namespace cairn::app
