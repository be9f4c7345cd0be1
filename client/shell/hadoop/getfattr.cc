// -getfattr
#include <optional>

#include "client/shell/hadoop/popped_options.h"
#include "client/shell/hadoop/verbs.h"
#include "client/shell/tree.h"
#include "client/shell/xattr_text.h"

namespace cairn::shell::hadoop {
namespace {

struct Wanted {
  std::optional<std::string> name;  // nothing: all
  XAttrEncoding encoding = XAttrEncoding::TEXT;
};

void print(FsCall& call, Client& client, const Item& item, const Wanted& wanted) {
  call.console().print("# file: " + item.shown + "\n");
  auto attributes = client.getXAttrs(
      item.path.absolute(), wanted.name ? std::vector{*wanted.name} : std::vector<std::string>{});
  if (!attributes.has_value()) {
    if (attributes.error().code() != Code::NOT_FOUND) {
      return call.fail(item.shown, attributes.error());
    }
    return call.complain("At least one of the attributes provided was not found.");
  }
  for (const auto& attribute : *attributes) {
    call.console().print(attribute.name);
    if (!attribute.value.empty()) {
      call.console().print("=" + encodeXAttr(attribute.value, wanted.encoding));
    }
    call.console().print("\n");
  }
}

Result<void> run(FsCall& call) {
  auto& words = call.arguments();
  ASSIGN(auto name, popOptionWithValue(words, "-n"));
  ASSIGN(const auto encoding, popOptionWithValue(words, "-e"));
  Wanted wanted;
  if (encoding) {
    const auto known = xattrEncodingOf(*encoding);
    if (!known) {
      return cairn::fail(Code::INVALID_ARGUMENT,
                         "Invalid/unsupported encoding option specified: " + *encoding);
    }
    wanted.encoding = *known;
  }
  const bool recursive = popOption(words, "-R");
  const bool all = popOption(words, "-d");
  if (!name && !all) {
    return cairn::fail(Code::INVALID_ARGUMENT, "Must specify '-n name' or '-d' option.");
  }
  if (!all) wanted.name = std::move(name);
  if (words.empty()) return cairn::fail(Code::INVALID_ARGUMENT, "<path> is missing.");
  if (words.size() > 1) return cairn::fail(Code::INVALID_ARGUMENT, "Too many arguments.");
  auto* const client = call.client();
  if (client == nullptr) return {};
  if (wanted.name) {
    if (auto valid = checkXAttrName(*wanted.name); !valid.has_value()) {
      const auto item = call.lookUpArgument(words[0]);
      if (item && item->entry) call.console().print("# file: " + item->shown + "\n");
      return valid;
    }
  }
  call.forEachExisting(0, recursive, [&](const Item& item) { print(call, *client, item, wanted); });
  return {};
}

}  // namespace

const FsVerb GETFATTR{.name = "getfattr",
                      .usage = "[-R] {-n name | -d} [-e en] <path>",
                      .description = R"(Prints extended attributes, in the order of their names.
  -R  of everything below a directory, too
  -n  of that name
  -d  all
  -e  how values are written: text, hex or base64
)",
                      .grammar = {.raw = true},
                      .run = run};

}  // namespace cairn::shell::hadoop
