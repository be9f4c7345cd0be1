// `cairn getfattr`, `cairn setfattr`: extended attributes.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/text.h"
#include "client/shell/verb.h"
#include "client/shell/xattr_text.h"

namespace cairn::shell {
namespace {

constexpr char GET_HELP[] =
    R"(Usage: cairn getfattr [-R] [-n NAME] [-e text|hex|base64] PATH...

Prints the extended attributes of files and directories, in the order of their names. Patterns in a
PATH (quote them) are expanded by cairn: * ? [a-z] {a,b}.

  -n, --name NAME      only this one: user.origin
  -e, --encoding WORD  how values are written: "text", 0x68656c6c6f, 0saGVsbG8=
  -R, --recursive      everything below a directory, too
  -d, --dump           accepted: values are always shown

Exit codes: 0 done, 1 something does not exist or could not be read, 2 wrong usage.
Example: cairn getfattr -n user.origin /data/2024.csv
)";

constexpr char SET_HELP[] =
    R"(Usage: cairn setfattr -n NAME [-v VALUE] PATH...
       cairn setfattr -x NAME PATH...

Sets or removes an extended attribute. Names begin with "user.", for others than the superuser.
Patterns in a PATH (quote them) are expanded by cairn: * ? [a-z] {a,b}.

  -n, --name NAME     set this one
  -v, --value VALUE   to this: text, "text", 0x and hexadecimal digits, or 0s and base64
  -x, --remove NAME   remove this one

Exit codes: 0 done, 1 something could not be changed, 2 wrong usage.
Example: cairn setfattr -n user.origin -v 'sensor 7' /data/2024.csv
)";

constexpr std::array GET_FLAGS = {Flag{.letter = 'n', .name = "name", .takesValue = true},
                                  Flag{.letter = 'e', .name = "encoding", .takesValue = true},
                                  Flag{.letter = 'R', .name = "recursive"},
                                  Flag{.letter = 'd', .name = "dump"}};
constexpr std::array SET_FLAGS = {Flag{.letter = 'n', .name = "name", .takesValue = true},
                                  Flag{.letter = 'v', .name = "value", .takesValue = true},
                                  Flag{.letter = 'x', .name = "remove", .takesValue = true}};

constexpr std::string_view MISSING = "it has no attribute of that name";

int get(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = GET_FLAGS, .operandsMin = 1});
  if (!verb) return EXIT_USAGE;
  auto encoding = XAttrEncoding::TEXT;
  if (const auto word = verb->value("encoding")) {
    const auto known = xattrEncodingOf(*word);
    if (!known) return verb->misuse("--encoding takes text, hex or base64, not '" + *word + "'");
    encoding = *known;
  }
  const auto name = verb->value("name");
  if (name) {
    if (auto valid = checkXAttrName(*name); !valid.has_value()) {
      return verb->misuse(valid.error().message());
    }
  }
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  const bool terminal = call.console.outIsTerminal();
  verb->forEachExisting(0, verb->has("recursive"), [&](const Item& item) {
    auto attributes = client->getXAttrs(item.path.absolute(),
                                        name ? std::vector{*name} : std::vector<std::string>{});
    if (!attributes.has_value()) {
      if (attributes.error().code() == Code::NOT_FOUND) return verb->fail(item.shown, MISSING);
      return verb->fail(item.shown, attributes.error());
    }
    if (attributes->empty()) return;
    call.console.print("# file: " + nameFor(terminal, item.shown) + "\n");
    for (const auto& attribute : *attributes) {
      auto text = attribute.name;
      if (!attribute.value.empty()) text += "=" + encodeXAttr(attribute.value, encoding);
      call.console.print(nameFor(terminal, text) + "\n");
    }
    call.console.print("\n");
  });
  return verb->exitCode();
}

int set(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = SET_FLAGS, .operandsMin = 1});
  if (!verb) return EXIT_USAGE;
  const auto name = verb->value("name");
  const auto removed = verb->value("remove");
  if (name.has_value() == removed.has_value()) {
    return verb->misuse("either -n NAME or -x NAME is needed");
  }
  if (auto valid = checkXAttrName(name ? *name : *removed); !valid.has_value()) {
    return verb->misuse(valid.error().message());
  }
  const auto value = decodeXAttr(verb->value("value").value_or(""));
  if (!value.has_value()) return verb->misuse(value.error().message());
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  verb->forEachExisting(0, false, [&](const Item& item) {
    auto done = name ? client->setXAttr(item.path.absolute(), *name, *value)
                     : client->removeXAttr(item.path.absolute(), *removed);
    if (done.has_value()) return;
    if (removed && done.error().code() == Code::NOT_FOUND) return verb->fail(item.shown, MISSING);
    verb->fail(item.shown, done.error());
  });
  return verb->exitCode();
}

}  // namespace

const Command GETFATTR_COMMAND{
    .name = "getfattr", .summary = "show extended attributes", .help = GET_HELP, .run = get};

const Command SETFATTR_COMMAND{
    .name = "setfattr", .summary = "set extended attributes", .help = SET_HELP, .run = set};

}  // namespace cairn::shell
