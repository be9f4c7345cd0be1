// -moveToLocal, which Hadoop has and does not do.
#include "client/shell/hadoop/verbs.h"

namespace cairn::shell::hadoop {
namespace {

Result<void> run(FsCall& call) {
  call.complain("Option '-moveToLocal' is not implemented yet.");
  return {};
}

}  // namespace

const FsVerb MOVE_TO_LOCAL{.name = "moveToLocal",
                           .usage = "<src> <localdst>",
                           .description = "Is not there in Hadoop either: -get, then -rm.\n",
                           .grammar = {.raw = true},
                           .run = run};

}  // namespace cairn::shell::hadoop
