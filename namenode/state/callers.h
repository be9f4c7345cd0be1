// Who calls: the principal's groups, and whether it is a superuser. Cached.
// Layer: state.  Threads: one; looking groups up may take a directory service seconds, so it runs
// on the work pool.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/async/work_pool.h"
#include "common/base/result.h"
#include "namenode/ops/context.h"

namespace cairn::nn {

// The groups of a user, the primary one first; none for a user who is not known. Called on a thread
// of the work pool.
using GroupsOf = std::function<std::vector<std::string>(const std::string& user)>;

// As the operating system has them (getgrouplist). May block on a directory service.
std::vector<std::string> systemGroupsOf(const std::string& user);

inline constexpr std::int64_t GROUPS_CACHED_MS = 300'000;  // HDFS hadoop.security.groups.cache.secs
inline constexpr std::size_t CALLERS_CACHED_MAX = 10'000;

class Callers final : private kj::TaskSet::ErrorHandler {
public:
  // `groupsOf` empty: nobody is in any group. `pool` outlives it.
  Callers(std::string superuser, std::string supergroup, GroupsOf groupsOf, async::WorkPool& pool);
  KJ_DISALLOW_COPY(Callers);

  // The caller, if its groups are known: null tells to await load() and to ask again.
  // INVALID_ARGUMENT for a name that none can have: empty, too long, not UTF-8, with control
  // characters or a colon in it.
  // The client of the returned caller is nil. Valid until the next call. Cost: a hash look-up.
  Result<Caller*> find(std::string_view user, std::int64_t nowMs);
  // Looks the groups up; calls of one user share one look-up. OVERLOADED when the pool is full.
  // REQUIRES: find() answered null. This object must outlive the promise.
  kj::Promise<Result<void>> load(std::string_view user, std::int64_t nowMs);

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
  using Loading = kj::ForkedPromise<Result<void>>;

  void taskFailed(kj::Exception&& exception) override {}
  Caller* remember(const std::string& user, std::vector<std::string> groups, std::int64_t nowMs);

  std::string superuser_;
  std::string supergroup_;
  // Shared with the jobs on the pool, which may outlive this.
  std::shared_ptr<const GroupsOf> groupsOf_;
  async::WorkPool& pool_;
  std::unordered_map<std::string, Known, Hash, std::equal_to<>> known_;
  Known* last_ = nullptr;  // the one that was asked for last, twice a call
  std::unordered_map<std::string, Loading, Hash, std::equal_to<>> loading_;
  kj::TaskSet tasks_;  // keeps look-ups going whose callers have lost interest
};

}  // namespace cairn::nn
