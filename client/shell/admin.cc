// `cairn admin`: the cluster as a whole.
#include <poll.h>

#include <array>
#include <string>

#include "client/shell/cluster_report.h"
#include "client/shell/commands.h"
#include "client/shell/verb.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn admin report [--json]
       cairn admin safemode get|enter|leave|wait

report    the namenode, how full the cluster is, what is under-replicated or missing, and each
          datanode with its volumes
safemode  get: whether the namenode takes changes; enter, leave: for the superuser; wait: until it
          takes changes

  --json  the report as an object

Exit codes: 0 done, 1 the namenode refused or does not answer, 2 wrong usage.
Example: cairn admin report
)";

constexpr int WAIT_EVERY_MS = 200;

constexpr std::array FLAGS = {Flag{.letter = 0, .name = "json"}};

int report(Verb& verb, Client& client) {
  auto report = client.report();
  if (!report.has_value()) {
    verb.fail("report", report.error());
    return verb.exitCode();
  }
  verb.console().print(verb.has("json") ? clusterJson(client.namenode(), *report)
                                        : describeCluster(client.namenode(), *report));
  return EXIT_DONE;
}

int safeMode(Verb& verb, Client& client) {
  const auto& operands = verb.operands();
  const std::string action = operands.size() == 2 ? operands[1] : "";
  if (action != "get" && action != "enter" && action != "leave" && action != "wait") {
    return verb.misuse("safemode takes get, enter, leave or wait");
  }
  const auto wanted = action == "enter"   ? SafeModeAction::ENTER
                      : action == "leave" ? SafeModeAction::LEAVE
                                          : SafeModeAction::GET;
  while (true) {
    auto state = client.safeMode(wanted);
    if (!state.has_value()) {
      verb.fail("safemode", state.error());
      return verb.exitCode();
    }
    if (action != "wait" || !state->on) {
      verb.console().print(std::string("Safe mode is ") + (state->on ? "ON" : "OFF") + "\n");
      if (state->on && !state->text.empty()) verb.console().print(state->text + "\n");
      return EXIT_DONE;
    }
    // Nothing happens here in between.
    ::poll(nullptr, 0, WAIT_EVERY_MS);
  }
}

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMax = 2});
  if (!verb) return EXIT_USAGE;
  const auto& operands = verb->operands();
  if (operands.empty()) return verb->misuse("report or safemode?");
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  if (operands[0] == "report" && operands.size() == 1) return report(*verb, *client);
  if (operands[0] == "safemode") return safeMode(*verb, *client);
  return verb->misuse("there is no 'admin " + operands.back() + "'");
}

}  // namespace

const Command ADMIN_COMMAND{
    .name = "admin", .summary = "report on the cluster, safe mode", .help = HELP, .run = run};

}  // namespace cairn::shell
