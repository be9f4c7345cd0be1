// Hadoop's names for verbs that are called otherwise here.
#include "client/shell/commands.h"

namespace cairn::shell {
namespace {

int copyFromLocal(const Invocation& call) { return PUT_COMMAND.run(call); }
int copyToLocal(const Invocation& call) { return GET_COMMAND.run(call); }
int appendToFile(const Invocation& call) { return APPEND_COMMAND.run(call); }

}  // namespace

const Command COPY_FROM_LOCAL_COMMAND{.name = "copyFromLocal",
                                      .summary = "the same as put",
                                      .help = R"(Usage: cairn copyFromLocal [FLAG]... SRC... DST

The same as 'cairn put', whose help lists the flags.

Exit codes: 0 done, 1 something could not be copied, 2 wrong usage, 130 interrupted.
Example: cairn copyFromLocal access.log /logs/
)",
                                      .run = copyFromLocal,
                                      .hidden = true};

const Command COPY_TO_LOCAL_COMMAND{.name = "copyToLocal",
                                    .summary = "the same as get",
                                    .help = R"(Usage: cairn copyToLocal [FLAG]... SRC... DST

The same as 'cairn get', whose help lists the flags.

Exit codes: 0 done, 1 something could not be copied, 2 wrong usage, 130 interrupted.
Example: cairn copyToLocal /logs/access.log .
)",
                                    .run = copyToLocal,
                                    .hidden = true};

const Command APPEND_TO_FILE_COMMAND{.name = "appendToFile",
                                     .summary = "the same as append",
                                     .help = R"(Usage: cairn appendToFile [--new-chunk] SRC... FILE

The same as 'cairn append'.

Exit codes: 0 done, 1 something could not be added, 2 wrong usage, 130 interrupted.
Example: dmesg | cairn appendToFile - /logs/kernel
)",
                                     .run = appendToFile,
                                     .hidden = true};

}  // namespace cairn::shell
