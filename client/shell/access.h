// What a user may do with an entry, as the client can tell.
// Layer: client/shell.
#pragma once

#include <string>

#include "cairn/client.h"
#include "common/base/result.h"

namespace cairn::shell {

enum class Access : unsigned { READ = 4, WRITE = 2, EXECUTE = 1 };

// By the entry's own rights and this machine's tables of users and groups, as Hadoop's client
// does; the namenode decides by its own. Asks it who is the superuser.
Result<bool> mayAccess(Client& client, const std::string& user, const Entry& entry, Access access);

}  // namespace cairn::shell
