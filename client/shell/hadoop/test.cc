// -test
#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "client/shell/hadoop/verbs.h"

namespace cairn::shell::hadoop {
namespace {

constexpr std::array<std::string_view, 7> FLAGS = {"d", "e", "f", "s", "w", "r", "z"};
constexpr int GROUPS_MAX = 1024;

// By this machine's tables, as Hadoop's client does.
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

// `bit`: 4 to read, 2 to write.
Result<bool> mayAccess(FsCall& call, Client& client, const Entry& entry, unsigned bit) {
  const auto& user = call.connection().config().user;
  unsigned shift = 0;
  if (user == entry.owner) {
    shift = 6;
  } else if (isMember(user, entry.group)) {
    shift = 3;
  }
  if ((entry.mode >> shift & bit) != 0) return true;
  ASSIGN(const auto info, client.serverInfo());
  return user == info.superuser || isMember(user, info.supergroup);
}

Result<bool> holds(FsCall& call, Client& client, char flag, const Entry& entry) {
  switch (flag) {
    case 'e': return true;
    case 'd': return entry.isDirectory();
    case 'f': return !entry.isDirectory();
    // A directory's length is 0, as HDFS has it.
    case 's': return entry.length > 0;
    case 'z': return entry.length == 0;
    case 'r': return mayAccess(call, client, entry, 4);
    default: return mayAccess(call, client, entry, 2);
  }
}

Result<void> run(FsCall& call) {
  char flag = 0;
  for (const auto candidate : FLAGS) {
    if (!call.has(candidate)) continue;
    if (flag != 0) return fail(Code::INVALID_ARGUMENT, "Only one test flag is allowed");
    flag = candidate[0];
  }
  if (flag == 0) return fail(Code::INVALID_ARGUMENT, "No test flag given");
  auto* const client = call.client();
  if (client == nullptr) return {};
  for (const auto& item : call.expandArguments()) {
    if (!item.entry) {
      call.failQuietly();
      continue;
    }
    auto yes = holds(call, *client, flag, *item.entry);
    if (!yes.has_value()) {
      call.fail(item.shown, yes.error());
    } else if (!*yes) {
      call.failQuietly();
    }
  }
  return {};
}

}  // namespace

const FsVerb TEST{.name = "test",
                  .usage = "-[defswrz] <path>",
                  .description = R"(Exits with 0 when it is so, with 1 when not.
  -d  is a directory
  -e  exists
  -f  is a file
  -s  has bytes
  -w  may be written
  -r  may be read
  -z  has no bytes
)",
                  .grammar = {.flags = FLAGS, .argumentsMin = 1, .argumentsMax = 1},
                  .run = run};

}  // namespace cairn::shell::hadoop
