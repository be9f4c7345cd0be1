// A command's arguments in POSIX grammar: flags in any order, -rf for -r -f, --name VALUE or
// --name=VALUE, "--" ends flags, "-" is an operand.
// Layer: client/shell.  Pure.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace cairn::shell {

// A flag that a command knows. One of `letter` and `name` may be missing (0, "").
struct Flag {
  char letter = 0;
  std::string_view name;  // without dashes: "chunk-size"
  bool takesValue = false;
};

class Arguments {
public:
  // INVALID_ARGUMENT: a flag that is not in `flags`, with the nearest that is; a value that is
  // missing, or given to a flag that takes none.
  static Result<Arguments> parse(std::span<const std::string> args, std::span<const Flag> flags);

  // By name, or by letter where a flag has no name: has("r").
  bool has(std::string_view flag) const { return values_.contains(flag); }
  // The last value given.
  std::optional<std::string> value(std::string_view flag) const;
  const std::vector<std::string>& operands() const { return operands_; }
  void addOperand(std::string operand) { operands_.push_back(std::move(operand)); }

private:
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::string> operands_;
};

}  // namespace cairn::shell
