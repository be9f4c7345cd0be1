#include "namenode/state/callers.h"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <utility>

#include "namenode/meta/keys.h"
#include "namenode/ops/path.h"

namespace cairn::nn {
namespace {

Result<void> checkName(std::string_view user) {
  const auto odd = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == ':'; };
  if (!user.empty() && user.size() <= PRINCIPAL_BYTES_MAX && isUtf8(user) &&
      std::ranges::none_of(user, odd)) {
    return {};
  }
  return fail(Code::INVALID_ARGUMENT,
              user.empty() ? std::string("the call names no user")
                           : "a user name has at most " + std::to_string(PRINCIPAL_BYTES_MAX) +
                                 " bytes of UTF-8 without control characters and colons");
}

}  // namespace

std::vector<std::string> systemGroupsOf(const std::string& user) {
  constexpr std::size_t BUFFER_BYTES = 16 << 10;
  std::vector<char> buffer(BUFFER_BYTES);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr) {
    return {};
  }
  constexpr int GROUPS_MAX = 1024;
  int count = GROUPS_MAX;
  std::vector<gid_t> ids(GROUPS_MAX);
  if (::getgrouplist(user.c_str(), entry.pw_gid, ids.data(), &count) < 0) count = GROUPS_MAX;
  std::vector<std::string> groups;
  for (int i = 0; i < count; ++i) {
    group one{};
    group* known = nullptr;
    if (::getgrgid_r(ids[static_cast<std::size_t>(i)], &one, buffer.data(), buffer.size(),
                     &known) == 0 &&
        known != nullptr) {
      groups.emplace_back(one.gr_name);
    }
  }
  return groups;
}

Callers::Callers(std::string superuser, std::string supergroup, GroupsOf groupsOf,
                 async::WorkPool& pool)
    : superuser_(std::move(superuser)),
      supergroup_(std::move(supergroup)),
      pool_(pool),
      tasks_(*this) {
  if (groupsOf) groupsOf_ = std::make_shared<const GroupsOf>(std::move(groupsOf));
}

Result<Caller*> Callers::find(std::string_view user, std::int64_t nowMs) {
  if (last_ == nullptr || last_->caller.user != user) {
    const auto it = known_.find(user);
    last_ = it == known_.end() ? nullptr : &it->second;
  }
  if (last_ != nullptr && nowMs < last_->untilMs) return &last_->caller;
  TRY(checkName(user));
  if (groupsOf_ == nullptr) return remember(std::string(user), {}, nowMs);
  return nullptr;
}

Caller* Callers::remember(const std::string& user, std::vector<std::string> groups,
                          std::int64_t nowMs) {
  if (known_.size() >= CALLERS_CACHED_MAX) {
    last_ = nullptr;
    known_.clear();
  }
  Known known;
  known.untilMs = nowMs + GROUPS_CACHED_MS;
  known.caller.user = user;
  known.caller.superuser =
      user == superuser_ || std::ranges::find(groups, supergroup_) != groups.end();
  known.caller.groups = std::move(groups);
  return &known_.insert_or_assign(user, std::move(known)).first->second.caller;
}

kj::Promise<Result<void>> Callers::load(std::string_view user, std::int64_t nowMs) {
  const auto running = loading_.find(user);
  if (running != loading_.end()) return running->second.addBranch();
  const std::string name(user);
  // What is on its way when the cache is cleared or its time is up is asked for again: nobody waits
  // for ever, and nobody's rights are older than the look-up and the time they are kept.
  kj::Promise<Result<void>> looked =
      pool_.run([groupsOf = groupsOf_, name]() { return (*groupsOf)(name); })
          .then(
              [this, name, nowMs](std::vector<std::string> groups) -> Result<void> {
                loading_.erase(name);
                remember(name, std::move(groups), nowMs);
                return {};
              },
              [this, name](kj::Exception&& exception) -> Result<void> {
                loading_.erase(name);
                return fail(Code::OVERLOADED,
                            "the groups of user " + name +
                                " cannot be looked up now: " + exception.getDescription().cStr());
              });
  auto& loading = loading_.emplace(name, looked.fork()).first->second;
  // It drops itself from the map with its last line: somebody has to hold it until then.
  tasks_.add(loading.addBranch().ignoreResult());
  return loading.addBranch();
}

}  // namespace cairn::nn
