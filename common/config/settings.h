// The settings of one process: each key's value and where it came from.
// Layer: config (std only).  Threads: a value; const calls from any thread.
//
// Nothing but the structs of the daemons (namenode_config.h ...) reads from here: they are built
// once, at start, and passed on by const reference.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/config/setting_value.h"

namespace cairn::config {

// What defaults depend on.
struct Machine {
  std::string home;  // "~/" in paths; "" when there is none
  std::string user;  // the process's user, by name if it has one
  unsigned cores = 1;
};

class Settings {
public:
  // Every key at its default.
  explicit Settings(Machine machine);

  // Overrides one key. `origin` is where the text stands, for messages: "cairn.toml:12",
  // "flag --fs.codec". INVALID_ARGUMENT names origin, key, value and what is allowed; for an
  // unknown key also the nearest known one. Nothing changes then.
  Result<void> set(std::string_view key, std::string_view text, std::string origin);
  // The same for a TEXT_LIST whose elements may hold commas.
  Result<void> setList(std::string_view key, std::vector<std::string> texts, std::string origin);

  // The value of a key. A key that is not in the table, or of another type, is a bug: aborts.
  const std::string& text(std::string_view key) const;  // TEXT, ADDRESS
  bool boolean(std::string_view key) const;
  std::int64_t integer(std::string_view key) const;  // INTEGER
  double decimal(std::string_view key) const;
  std::uint64_t bytes(std::string_view key) const;
  std::int64_t millis(std::string_view key) const;
  std::uint32_t fileMode(std::string_view key) const;
  const std::vector<std::string>& list(std::string_view key) const;
  // TEXT or TEXT_LIST as paths: a leading "~/" stands for the home directory. INVALID_ARGUMENT when
  // there is no home directory then.
  Result<std::string> path(std::string_view key) const;
  Result<std::vector<std::string>> pathList(std::string_view key) const;

  // "default", or the origin given to set().
  const std::string& originOf(std::string_view key) const;
  // "<origin>: <key> ": how a message about a value begins that only its reader can judge.
  std::string blame(std::string_view key) const;
  const Machine& machine() const { return machine_; }

  // For the test that every key is read: from now on each key asked for is noted there.
  void noteReads(std::set<std::string, std::less<>>* reads) { reads_ = reads; }

private:
  struct Slot {
    SettingValue value;
    std::string origin;
  };
  template <typename T>
  const T& get(std::string_view key, SettingType type) const;
  const Slot& slotOf(std::string_view key) const;
  Result<std::string> expand(std::string_view key, const std::string& path) const;

  Machine machine_;
  std::vector<Slot> slots_;  // as settingTable()
  std::set<std::string, std::less<>>* reads_ = nullptr;
};

}  // namespace cairn::config
