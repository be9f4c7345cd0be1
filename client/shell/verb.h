// One run of a verb in POSIX grammar: its arguments, the cluster, its complaints and its exit code.
// Layer: client/shell.  Threads: the main thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/shell/arguments.h"
#include "client/shell/command.h"
#include "client/shell/connect.h"
#include "client/shell/expand.h"

namespace cairn::shell {

class Verb {
public:
  struct Grammar {
    std::span<const Flag> flags;
    std::size_t operandsMin = 0;
    std::size_t operandsMax = SIZE_MAX;
    // What is missing when there is no operand, and when there is one and two are needed.
    std::array<std::string_view, 2> missing = {"a path", "the destination"};
  };
  // Nothing, after a complaint, when the command line is wrong: exit with EXIT_USAGE.
  static std::optional<Verb> begin(const Invocation& call, const Grammar& grammar);

  bool has(std::string_view flag) const { return arguments_.has(flag); }
  std::optional<std::string> value(std::string_view flag) const { return arguments_.value(flag); }
  const std::vector<std::string>& operands() const { return arguments_.operands(); }
  // The user's home directory, for verbs that take it when nothing is named.
  void addHomeOperand() { arguments_.addOperand("/user/" + connection_.config().user); }
  Console& console() const { return *console_; }
  Connection& connection() { return connection_; }

  // Null, after a complaint, when the library cannot start: leave then.
  Client* client();
  // What the operands from `first` up to `last` stand for. Complains of those that are nothing and
  // of those that cannot be looked up, and goes on.
  std::vector<Item> expandOperands(std::size_t first = 0, std::size_t last = SIZE_MAX);
  // `visit` for each entry that the operands from `first` stand for, and, if `recursive`, for all
  // below it. Complains of what does not exist or cannot be listed.
  void forEachExisting(std::size_t first, bool recursive,
                       const std::function<void(const Item& item)>& visit);
  // One operand without patterns; the item has no entry when it does not exist. Nothing, after a
  // complaint, when it cannot be looked up.
  std::optional<Item> lookUpOperand(const std::string& operand);
  // The same of what must exist: nothing, after a complaint, when it does not.
  std::optional<Item> lookUpExisting(const std::string& operand);
  // Where something is to be written: as lookUpOperand(), but a pattern that matches one entry
  // stands for it, as a local shell has it. Nothing, after a complaint, when it matches several.
  std::optional<Item> lookUpDestination(const std::string& operand);

  // "cairn: <verb>: <path>: <why>"; the exit code becomes EXIT_FAILED.
  void fail(std::string_view path, const Status& why);
  void fail(std::string_view path, std::string_view why);
  // The command line is wrong after all: EXIT_USAGE, to be returned.
  int misuse(std::string_view why);
  // Whether going on is pointless: the namenode is gone, a signal came, or nobody reads the output.
  bool over() const;
  // EXIT_INTERRUPTED after a signal, even if all was done by then.
  int exitCode() const;

private:
  Verb(const Invocation& call, Arguments arguments, Connection connection);

  std::string name_;
  Console* console_;
  Arguments arguments_;
  Connection connection_;
  bool over_ = false;
  int exitCode_ = EXIT_DONE;
};

}  // namespace cairn::shell
