#include "client/shell/hadoop/destination.h"

#include <utility>

#include "client/shell/hadoop/wording.h"

namespace cairn::shell::hadoop {

bool checkDestination(FsCall& call, Client& client, const Item& destination, std::size_t count,
                      bool overwrite) {
  if (count > 1) {
    if (destination.isDirectory()) return true;
    call.fail(destination.shown,
              destination.entry ? Status(Code::NOT_A_DIRECTORY, "") : FsCall::absent());
    return false;
  }
  if (destination.entry) {
    if (destination.isDirectory() || overwrite) return true;
    call.fail(destination.shown, Status(Code::ALREADY_EXISTS, ""));
    return false;
  }
  auto parent = EntrySource::of(client).stat(destination.path.parent().absolute());
  if (!parent.has_value()) {
    call.fail(destination.shown, parent.error());
    return false;
  }
  // A name that ends with a slash means a directory.
  if (!*parent || destination.path.saysDirectory()) {
    call.complain(noParent(destination.shown, call.qualified(destination.path)));
    return false;
  }
  return true;
}

std::optional<Item> targetFor(FsCall& call, Client& client, const Item& destination,
                              std::string_view name) {
  if (!destination.isDirectory()) return destination;
  const auto& typed = destination.shown;
  if (name.empty()) {
    auto itself = destination;
    if (!typed.ends_with('/')) itself.shown += '/';
    return itself;
  }
  auto path = destination.path.child(name);
  auto entry = EntrySource::of(client).stat(path.absolute());
  auto shown = typed == "." ? std::string(name)
                            : typed + (typed.ends_with('/') ? "" : "/") + std::string(name);
  if (!entry.has_value()) {
    call.fail(shown, entry.error());
    return std::nullopt;
  }
  return Item{.path = std::move(path), .shown = std::move(shown), .entry = std::move(*entry)};
}

}  // namespace cairn::shell::hadoop
