// `cairn admin`: the cluster as a whole.
#include <poll.h>

#include <array>
#include <string>

#include "client/shell/admin_verbs.h"
#include "client/shell/cluster_report.h"
#include "client/shell/commands.h"
#include "client/shell/json.h"
#include "client/shell/verb.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn admin report [--json]
       cairn admin safemode get|enter|leave|wait [--force] [--json]
       cairn admin recover-lease [--retries N] [--json] FILE
       cairn admin storage-policy list [--json] | get PATH [--json] | set PATH POLICY | unset PATH

report    the namenode, how full the cluster is, what is under-replicated or missing, and each
          datanode with its volumes
safemode  get: whether the namenode takes changes; enter, leave: for the superuser; wait: until it
          takes changes. leave --force: also where the namenode's directory is older than what
          datanodes know of, a backup that was put back; what it does not know is given up
recover-lease
          takes a file from its writer and closes it, when the writer is dead or stuck: readers have
          what was acknowledged, and others may write it. For who may write the file
storage-policy
          HDFS's policies (COLD, HOT, ONE_SSD, ...), kept for files and directories and what is below
          them; they move no data. get: the one that counts, and the directory that it comes from

  --force      of leave: see there
  --json       what is printed, as an object; the policies as an array of names
  --retries N  ask so many more times, a second apart, whether the file's last chunk is recovered
               (default: 60)

Exit codes: 0 done, 1 the namenode refused or does not answer, 2 wrong usage.
Example: cairn admin report
)";

constexpr int WAIT_EVERY_MS = 200;

constexpr std::array FLAGS = {Flag{.letter = 0, .name = "force"}, Flag{.letter = 0, .name = "json"},
                              Flag{.letter = 0, .name = "retries", .takesValue = true}};

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
  const bool force = verb.has("force");
  if (force && action != "leave") return verb.misuse("--force is for safemode leave");
  const auto wanted = action == "enter"   ? SafeModeAction::ENTER
                      : action != "leave" ? SafeModeAction::GET
                      : force             ? SafeModeAction::FORCE_LEAVE
                                          : SafeModeAction::LEAVE;
  while (true) {
    auto state = client.safeMode(wanted);
    if (!state.has_value()) {
      verb.fail("safemode", state.error());
      return verb.exitCode();
    }
    if (action != "wait" || !state->on) {
      if (verb.has("json")) {
        JsonObject object;
        object.boolean("safe_mode", state->on).text("safe_mode_reason", state->text);
        verb.console().print(object.str() + "\n");
        return EXIT_DONE;
      }
      verb.console().print(std::string("Safe mode is ") + (state->on ? "ON" : "OFF") + "\n");
      if (state->on && !state->text.empty()) verb.console().print(state->text + "\n");
      return EXIT_DONE;
    }
    // Nothing happens here in between.
    ::poll(nullptr, 0, WAIT_EVERY_MS);
  }
}

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMax = 4});
  if (!verb) return EXIT_USAGE;
  const auto& operands = verb->operands();
  if (operands.empty()) return verb->misuse("report, safemode, recover-lease or storage-policy?");
  if (verb->has("force") && operands[0] != "safemode") {
    return verb->misuse("--force is for safemode leave");
  }
  if (verb->has("retries") && operands[0] != "recover-lease") {
    return verb->misuse("--retries is for recover-lease");
  }
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  if (operands[0] == "report" && operands.size() == 1) return report(*verb, *client);
  if (operands[0] == "safemode") return safeMode(*verb, *client);
  if (operands[0] == "recover-lease") return recoverLease(*verb, *client);
  if (operands[0] == "storage-policy") return storagePolicy(*verb, *client);
  if (operands[0] == "report") return verb->misuse("report takes nothing");
  return verb->misuse("there is no 'admin " + operands[0] + "'");
}

}  // namespace

const Command ADMIN_COMMAND{.name = "admin",
                            .summary = "the cluster: report, safe mode, files left open, policies",
                            .help = HELP,
                            .run = run};

}  // namespace cairn::shell
