// What find is asked for: tests that must all hold, and what is done with what passes them.
// Layer: client/shell.  Pure but for the names' cases, which are Unicode's.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/types.h"
#include "client/shell/glob.h"

namespace cairn::shell {

class FindExpression {
public:
  // -name PATTERN, -iname PATTERN, -print, -print0, and -a or -and between them, which say nothing
  // more; with `ours` also -type f|d. Without an action, -print is added at the end.
  struct Mistake {
    bool unexpected = false;  // a word that means nothing here
    std::string text;         // that word, or what is wrong
  };
  static std::expected<FindExpression, Mistake> parse(std::span<const std::string> words,
                                                      bool ours);

  // Does what it says with one entry; `print` gets the text that follows each path, "\n" or "\0".
  void apply(std::string_view name, const Entry& entry,
             const std::function<void(char end)>& print) const;

private:
  enum class Kind : std::uint8_t { NAME, NAME_ANY_CASE, TYPE, PRINT };
  struct Step {
    Kind kind = Kind::PRINT;
    std::vector<Glob> globs;  // any of them
    char letter = '\n';       // of the type; behind a path that is printed
  };
  std::vector<Step> steps_;
};

}  // namespace cairn::shell
