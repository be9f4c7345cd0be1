// Who calls: the principal's groups, and whether it is a superuser. Cached.
// Layer: state.  Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "namenode/ops/context.h"

namespace cairn::nn {

// The groups of a user, the primary one first; none for a user who is not known.
using GroupsOf = std::function<std::vector<std::string>(const std::string& user)>;

// As the operating system has them (getgrouplist). May block on a directory service.
std::vector<std::string> systemGroupsOf(const std::string& user);

inline constexpr std::int64_t GROUPS_CACHED_MS = 300'000;  // HDFS hadoop.security.groups.cache.secs
inline constexpr std::size_t CALLERS_CACHED_MAX = 10'000;

class Callers {
public:
  // `groupsOf` empty: nobody is in any group.
  Callers(std::string superuser, std::string supergroup, GroupsOf groupsOf)
      : superuser_(std::move(superuser)),
        supergroup_(std::move(supergroup)),
        groupsOf_(std::move(groupsOf)) {}

  // INVALID_ARGUMENT for a name that none can have: empty, too long, not UTF-8, with control
  // characters or a colon in it.
  // The client of the returned caller is nil. Valid until the next call.
  Result<Caller*> find(std::string_view user, std::int64_t nowMs);

private:
  struct Known {
    Caller caller;
    std::int64_t untilMs = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  std::string superuser_;
  std::string supergroup_;
  GroupsOf groupsOf_;
  std::unordered_map<std::string, Known, Hash, std::equal_to<>> known_;
};

}  // namespace cairn::nn
