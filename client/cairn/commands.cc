#include "client/cairn/commands.h"

#include <algorithm>
#include <vector>

namespace cairn::app {

std::span<const shell::Command* const> allCommands() {
  static const std::vector<const shell::Command*> ALL = [] {
    std::vector<const shell::Command*> all;
    for (const auto& command : shell::fileCommands()) all.push_back(&command);
    for (const auto* command :
         {&MR_COMMAND, &JOB_COMMAND, &MINI_COMMAND, &NAMENODE_COMMAND, &DATANODE_COMMAND,
          &JOBTRACKER_COMMAND, &TASKTRACKER_COMMAND, &CONFIG_COMMAND, &BENCH_COMMAND,
          &COMPLETION_COMMAND, &COMPLETE_COMMAND}) {
      all.push_back(command);
    }
    return all;
  }();
  return ALL;
}

const shell::Command* findCommand(std::string_view name) {
  const auto all = allCommands();
  const auto found = std::ranges::find_if(all, [&](const auto* c) { return c->name == name; });
  return found == all.end() ? nullptr : *found;
}

}  // namespace cairn::app
