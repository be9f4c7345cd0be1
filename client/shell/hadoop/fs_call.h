// One run of a verb in Hadoop's grammar: its arguments, the cluster, its complaints and exit code.
// Layer: client/shell.  Threads: the main thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/shell/connect.h"
#include "client/shell/console.h"
#include "client/shell/expand.h"
#include "client/shell/hadoop/options.h"

namespace cairn::shell::hadoop {

// What Hadoop's shell exits with; 255 is its -1.
inline constexpr int FS_DONE = 0;
inline constexpr int FS_FAILED = 1;
inline constexpr int FS_USAGE = 255;

class FsCall;

// A verb: its grammar, and what it does. `run` returns an INVALID_ARGUMENT for a usage that the
// grammar cannot express.
struct FsVerb {
  std::string_view name;         // "ls"
  std::string_view usage;        // "[-C] [-d] ... [<path> ...]"
  std::string_view description;  // for -help; lines end with a newline
  OptionGrammar grammar;
  Result<void> (*run)(FsCall& call);
  std::string_view instead{};  // what a deprecated verb asks to use: "ls -R"
};

class FsCall {
public:
  // All three outlive it. `name` is the verb's, as typed, without its dash.
  FsCall(std::string name, Options options, Connection& connection, Console& console);

  // As if it had been typed.
  void setFlag(std::string_view flag) { options_.flags.emplace(flag); }
  bool has(std::string_view flag) const { return options_.flags.contains(flag); }
  std::optional<std::string> value(std::string_view flag) const;
  const std::vector<std::string>& arguments() const { return options_.arguments; }
  std::vector<std::string>& arguments() { return options_.arguments; }
  // For verbs with a raw grammar: takes flags off the front of the arguments that are left.
  Result<void> parseAgain(const OptionGrammar& grammar);
  Console& console() const { return console_; }
  Connection& connection() const { return connection_; }

  // Null, after a complaint, when the library cannot start.
  Client* client();
  // Whether an argument that matches nothing fails the call, if it is a pattern.
  enum class Unmatched { FAILS, IS_NOTHING };
  // What the arguments from `first` up to `last` stand for. Plain paths that do not exist are among
  // them, without an entry; patterns that match nothing, and what cannot be looked up, are left out
  // after a complaint. Nothing at all when an argument can be no path.
  std::vector<Item> expandArguments(std::size_t first = 0, std::size_t last = SIZE_MAX,
                                    Unmatched unmatched = Unmatched::FAILS);
  // `visit` for each entry that the arguments from `first` stand for, and, if `recursive`, for all
  // below it. Complains of what does not exist or cannot be listed.
  void forEachExisting(std::size_t first, bool recursive,
                       const std::function<void(const Item& item)>& visit);
  // An argument without patterns. Nothing, after a complaint, when it cannot be looked up.
  std::optional<Item> lookUpArgument(const std::string& argument);
  // Where something is to be written. A pattern has to match one entry: nothing, after a complaint,
  // when it matches none or several.
  std::optional<Item> lookUpDestination(const std::string& argument);
  // As lookUpArgument() for a file: nothing, after a complaint, also when there is none.
  std::optional<Item> lookUpFile(const std::string& argument);

  // False for an empty argument, remote or local: the call is over then, and misused.
  bool isPath(const std::string& argument);
  // Why the call ends as wrong usage although its grammar was right.
  const std::optional<std::string>& misuse() const { return misuse_; }

  // "<verb>: <words>" on standard error; the exit code becomes FS_FAILED.
  void fail(std::string_view shown, const Status& why);
  void complain(std::string_view words);
  void failQuietly() { exitCode_ = FS_FAILED; }
  // Whether going on is pointless: the namenode is gone, a signal came, nobody reads the output.
  bool over() const;
  // EXIT_INTERRUPTED after a signal.
  int exitCode() const;

  // What a verb that makes a file gives it; missing directories above are made, too.
  CreateOptions newFile() const;
  // "hdfs://host:port", the cluster.
  std::string filesystem() const;
  // "hdfs://host:port/path", as Hadoop's messages have it.
  std::string qualified(const RemotePath& path) const;
  // What a missing path in front of others says: "`x': No such file or directory".
  static Status absent() { return Status(Code::NOT_FOUND, ""); }

private:
  std::string name_;
  Options options_;
  Connection& connection_;
  Console& console_;
  std::optional<std::string> misuse_;
  bool over_ = false;
  int exitCode_ = FS_DONE;
};

}  // namespace cairn::shell::hadoop
