// For commands that take settings only.
// Layer: client/cairn.
#pragma once

#include "client/shell/command.h"

namespace cairn::app {

// False, with a complaint, when the call has arguments.
inline bool takesNoArguments(const shell::Invocation& call) {
  if (call.args.empty()) return true;
  call.console.complain(call.name + ": unknown argument '" + call.args.front() + "' (see 'cairn " +
                        call.name + " --help')");
  return false;
}

}  // namespace cairn::app
