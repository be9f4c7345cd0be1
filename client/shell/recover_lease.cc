// `cairn admin recover-lease`: closes a file that its writer left open.
#include <poll.h>

#include <string>

#include "client/shell/admin_verbs.h"
#include "client/shell/create_flags.h"
#include "client/shell/json.h"

namespace cairn::shell {
namespace {

constexpr int ASK_EVERY_MS = 1'000;
constexpr std::int64_t RETRIES_DEFAULT = 60;
constexpr std::int64_t RETRIES_MAX = 86'400;  // a day

}  // namespace

int recoverLease(Verb& verb, Client& client) {
  if (verb.operands().size() != 2) return verb.misuse("recover-lease takes one path");
  std::int64_t retries = RETRIES_DEFAULT;
  if (const auto text = verb.value("retries")) {
    const auto number = parseNumber("--retries", *text, 0, RETRIES_MAX);
    if (!number.has_value()) return verb.misuse(number.error().message());
    retries = *number;
  }
  const auto item = verb.lookUpExisting(verb.operands()[1]);
  if (!item) return verb.exitCode();
  for (std::int64_t retry = 0; !verb.over(); ++retry) {
    const auto closed = client.recoverLease(item->path.absolute());
    if (!closed.has_value()) {
      verb.fail(item->shown, closed.error());
      break;
    }
    if (*closed) {
      if (verb.has("json")) {
        JsonObject object;
        object.text("path", item->shown).boolean("closed", true);
        verb.console().print(object.str() + "\n");
      } else {
        verb.console().print(item->shown + " is closed\n");
      }
      break;
    }
    if (retry == retries) {
      verb.fail(item->shown, "its last chunk is still being recovered; ask again later");
      break;
    }
    ::poll(nullptr, 0, ASK_EVERY_MS);
  }
  return verb.exitCode();
}

}  // namespace cairn::shell
