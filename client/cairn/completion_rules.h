// What the word being typed may be: a command, a flag, a verb, a path.
// Layer: client/cairn.  Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "client/shell/command.h"

namespace cairn::app {

struct Completion {
  std::vector<std::string> candidates;  // whole words that begin as the last one does
  bool remotePath = false;              // or a path of the cluster
};

// `words`: those behind "cairn", the last one as far as it is typed. REQUIRES: not empty.
// Flags are those that a command's help lists. Where a local file is meant there are no candidates.
Completion completionOf(std::span<const std::string> words,
                        std::span<const shell::Command* const> commands);

// The flags at the beginnings of a help's lines: "-f", "--force".
std::vector<std::string> flagsIn(std::string_view help);

}  // namespace cairn::app
