#include "client/shell/hadoop/deprecated.h"

#include <array>

#include "client/shell/hadoop/verbs.h"

namespace cairn::shell::hadoop {
namespace {

template <const FsVerb& VERB>
Result<void> runWith(FsCall& call, std::string_view flag) {
  call.setFlag(flag);
  return VERB.run(call);
}

Result<void> listAll(FsCall& call) { return runWith<LS>(call, "R"); }
Result<void> removeAll(FsCall& call) { return runWith<RM>(call, "r"); }
Result<void> sum(FsCall& call) { return runWith<DU>(call, "s"); }

}  // namespace

std::span<const FsVerb> deprecatedVerbs() {
  // Made when first asked for: the grammars are there by then.
  static const std::array ALL = {FsVerb{.name = "dus",
                                        .usage = "",
                                        .description = "(DEPRECATED) Same as 'du -s'\n",
                                        .grammar = DU.grammar,
                                        .run = sum,
                                        .instead = "du -s"},
                                 FsVerb{.name = "lsr",
                                        .usage = "",
                                        .description = "(DEPRECATED) Same as 'ls -R'\n",
                                        .grammar = LS.grammar,
                                        .run = listAll,
                                        .instead = "ls -R"},
                                 FsVerb{.name = "rmr",
                                        .usage = "",
                                        .description = "(DEPRECATED) Same as '-rm -r'\n",
                                        .grammar = RM.grammar,
                                        .run = removeAll,
                                        .instead = "-rm -r"}};
  return ALL;
}

}  // namespace cairn::shell::hadoop
