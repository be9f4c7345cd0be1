// -setfattr
#include "client/shell/hadoop/popped_options.h"
#include "client/shell/hadoop/verbs.h"
#include "client/shell/xattr_text.h"

namespace cairn::shell::hadoop {
namespace {

// How Hadoop names the failure of its decoder.
constexpr std::string_view DECODER = "org.apache.commons.codec.DecoderException: ";

Result<void> run(FsCall& call) {
  auto& words = call.arguments();
  ASSIGN(const auto name, popOptionWithValue(words, "-n"));
  ASSIGN(const auto typed, popOptionWithValue(words, "-v"));
  std::string value;
  if (typed) {
    auto decoded = decodeXAttr(*typed);
    if (!decoded.has_value()) {
      call.complain(std::string(DECODER) + decoded.error().message());
      return {};
    }
    value = std::move(*decoded);
  }
  ASSIGN(const auto removed, popOptionWithValue(words, "-x"));
  if (name && removed) {
    return cairn::fail(Code::INVALID_ARGUMENT,
                       "Can not specify both '-n name' and '-x name' option.");
  }
  if (!name && !removed) {
    return cairn::fail(Code::INVALID_ARGUMENT, "Must specify '-n name' or '-x name' option.");
  }
  if (words.empty()) return cairn::fail(Code::INVALID_ARGUMENT, "<path> is missing.");
  if (words.size() > 1) return cairn::fail(Code::INVALID_ARGUMENT, "Too many arguments.");
  TRY(checkXAttrName(name ? *name : *removed));
  auto* const client = call.client();
  if (client == nullptr) return {};
  call.forEachExisting(0, false, [&](const Item& item) {
    auto done = name ? client->setXAttr(item.path.absolute(), *name, value)
                     : client->removeXAttr(item.path.absolute(), *removed);
    if (done.has_value()) return;
    if (removed && done.error().code() == Code::NOT_FOUND) {
      return call.complain("No matching attributes found for remove operation");
    }
    call.fail(item.shown, done.error());
  });
  return {};
}

}  // namespace

const FsVerb SETFATTR{.name = "setfattr",
                      .usage = "{-n name [-v value] | -x name} <path>",
                      .description = R"(Sets or removes an extended attribute.
  -n  its name, with its namespace: user.origin
  -v  its value: "text", 0x and hexadecimal digits, or 0s and base64
  -x  remove the one of that name
)",
                      .grammar = {.raw = true},
                      .run = run};

}  // namespace cairn::shell::hadoop
