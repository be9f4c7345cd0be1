// The commands that are not about files: daemons, the small cluster, jobs. Each is one file.
// Layer: client/cairn.
#pragma once

#include <span>

#include "client/shell/command.h"

namespace cairn::app {

// Every command of the binary, in the order in which help lists them.
std::span<const shell::Command* const> allCommands();
// Null when there is none of that name.
const shell::Command* findCommand(std::string_view name);

extern const shell::Command NAMENODE_COMMAND;
extern const shell::Command DATANODE_COMMAND;
extern const shell::Command JOBTRACKER_COMMAND;
extern const shell::Command TASKTRACKER_COMMAND;
extern const shell::Command MINI_COMMAND;
extern const shell::Command MR_COMMAND;
extern const shell::Command JOB_COMMAND;
extern const shell::Command CONFIG_COMMAND;
extern const shell::Command BENCH_COMMAND;
extern const shell::Command COMPLETION_COMMAND;
extern const shell::Command COMPLETE_COMMAND;

}  // namespace cairn::app
