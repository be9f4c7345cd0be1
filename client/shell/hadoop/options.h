// The arguments of one Hadoop shell command: single-dash words that are flags, up to the first that
// is none.
// Layer: client/shell.  Pure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace cairn::shell::hadoop {

struct OptionGrammar {
  std::span<const std::string_view> flags;       // "R" for -R
  std::span<const std::string_view> withValues;  // "t" for -t 4
  std::size_t argumentsMin = 0;
  std::size_t argumentsMax = SIZE_MAX;
  bool passUnknown = false;  // flags that are not known are arguments: chmod -w
  bool raw = false;          // the verb looks for its flags itself: all words are arguments
};

struct Options {
  std::set<std::string, std::less<>> flags;
  std::map<std::string, std::string, std::less<>> values;
  std::vector<std::string> arguments;
};

// Flags stop at "-", at "--" (which goes) and at the first word without a dash; -rf is no -r -f.
// INVALID_ARGUMENT in Hadoop's words: "Illegal option -x", "Not enough arguments: expected 1 but
// got 0", "Too many arguments: ...".
Result<Options> parseOptions(std::span<const std::string> words, const OptionGrammar& grammar);

}  // namespace cairn::shell::hadoop
