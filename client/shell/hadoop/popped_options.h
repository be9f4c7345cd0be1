// Options that some of Hadoop's verbs take anywhere among their arguments.
// Layer: client/shell.  Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace cairn::shell::hadoop {

// Takes the first `option` ("-d") in front of "--" out of `words`; whether there was one.
bool popOption(std::vector<std::string>& words, std::string_view option);
// The same with the word behind it. INVALID_ARGUMENT: nothing is behind it.
Result<std::optional<std::string>> popOptionWithValue(std::vector<std::string>& words,
                                                      std::string_view option);
// Takes the first word that is no option out of `words`, and "--" in front of it.
std::optional<std::string> popArgument(std::vector<std::string>& words);

}  // namespace cairn::shell::hadoop
