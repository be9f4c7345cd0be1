#include "client/shell/access.h"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <vector>

namespace cairn::shell {
namespace {

constexpr int GROUPS_MAX = 1024;

bool isMember(const std::string& user, const std::string& group) {
  const auto* const person = ::getpwnam(user.c_str());
  const auto* const team = ::getgrnam(group.c_str());
  if (person == nullptr || team == nullptr) return false;
  const auto wanted = team->gr_gid;
  std::vector<gid_t> groups(GROUPS_MAX);
  int count = GROUPS_MAX;
  if (::getgrouplist(user.c_str(), person->pw_gid, groups.data(), &count) < 0) return false;
  groups.resize(static_cast<std::size_t>(count));
  return std::ranges::find(groups, wanted) != groups.end();
}

}  // namespace

Result<bool> mayAccess(Client& client, const std::string& user, const Entry& entry, Access access) {
  unsigned shift = 0;
  if (user == entry.owner) {
    shift = 6;
  } else if (isMember(user, entry.group)) {
    shift = 3;
  }
  if ((entry.mode >> shift & static_cast<unsigned>(access)) != 0) return true;
  ASSIGN(const auto info, client.serverInfo());
  return user == info.superuser || isMember(user, info.supergroup);
}

}  // namespace cairn::shell
