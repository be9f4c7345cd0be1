// `cairn admin storage-policy`: HDFS's storage policies of files and directories.
#include <string>

#include "client/shell/admin_verbs.h"
#include "client/shell/json.h"
#include "client/shell/storage_policy.h"

namespace cairn::shell {
namespace {

int get(Verb& verb, Client& client, const Item& item) {
  // What is not set on an entry counts from the nearest directory above that has it.
  auto path = item.path;
  auto policy = item.known().storagePolicy;
  while (policy == 0 && !path.isRoot() && !verb.over()) {
    path = path.parent();
    const auto above = client.stat(path.absolute());
    if (!above.has_value()) {
      verb.fail(item.shown, above.error());
      return verb.exitCode();
    }
    policy = above->storagePolicy;
  }
  const auto name = nameOfStoragePolicy(policy);
  if (verb.has("json")) {
    JsonObject object;
    object.text("path", item.shown);
    if (name.empty()) {
      object.raw("policy", "null");
    } else {
      object.text("policy", name).text("set_on", path.shown());
    }
    verb.console().print(object.str() + "\n");
    return verb.exitCode();
  }
  std::string text = item.shown + ": ";
  text += name.empty() ? "unspecified" : name;
  if (policy != 0 && path.absolute() != item.path.absolute()) text += ", by " + path.shown();
  verb.console().print(text + "\n");
  return verb.exitCode();
}

}  // namespace

int storagePolicy(Verb& verb, Client& client) {
  const auto& operands = verb.operands();
  const std::string action = operands.size() > 1 ? operands[1] : "";
  if (verb.has("json") && (action == "set" || action == "unset")) {
    return verb.misuse("storage-policy " + action + " prints nothing: without --json");
  }
  if (action == "list" && operands.size() == 2) {
    if (verb.has("json")) {
      JsonArray names;
      for (const auto& policy : storagePolicies()) names.add(jsonString(policy.name));
      verb.console().print(names.str() + "\n");
      return verb.exitCode();
    }
    for (const auto& policy : storagePolicies()) {
      verb.console().print(std::string(policy.name) + "\n");
    }
    return verb.exitCode();
  }
  StoragePolicy wanted = StoragePolicy::NONE;
  if (action == "set" && operands.size() == 4) {
    const auto named = storagePolicyOf(operands[3]);
    if (!named) {
      return verb.misuse("there is no policy '" + operands[3] +
                         "'; 'cairn admin storage-policy list' names them");
    }
    wanted = *named;
  } else if ((action != "get" && action != "unset") || operands.size() != 3) {
    return verb.misuse("storage-policy takes list, get PATH, set PATH POLICY or unset PATH");
  }
  const auto item = verb.lookUpExisting(operands[2]);
  if (!item) return verb.exitCode();
  if (action == "get") return get(verb, client, *item);
  const auto done = client.setStoragePolicy(item->path.absolute(), wanted);
  if (!done.has_value()) verb.fail(item->shown, done.error());
  return verb.exitCode();
}

}  // namespace cairn::shell
