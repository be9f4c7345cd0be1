// What -put, -get and -mv ask of their destination before they begin.
// Layer: client/shell.
#pragma once

#include "client/shell/hadoop/fs_call.h"

namespace cairn::shell::hadoop {

// False, after a complaint, unless `count` sources can go to `destination`: several need a
// directory that exists; one may replace a file with `overwrite`, or become a new name in a
// directory that exists.
bool checkDestination(FsCall& call, Client& client, const Item& destination, std::size_t count,
                      bool overwrite);
// The name within the destination, if that is a directory, else the destination itself; itself,
// too, for the root's name, which is empty. Nothing, after a complaint, when it cannot be looked
// up.
std::optional<Item> targetFor(FsCall& call, Client& client, const Item& destination,
                              std::string_view name);

}  // namespace cairn::shell::hadoop
