// How much lies below a path.
// Layer: client/shell.
#pragma once

#include <cstdint>
#include <functional>

#include "cairn/client.h"
#include "client/shell/expand.h"
#include "common/base/result.h"

namespace cairn::shell {

struct Usage {
  std::uint64_t files = 0;
  std::uint64_t directories = 0;       // the path itself among them
  std::uint64_t plain = 0;             // bytes as users wrote them
  std::uint64_t plainReplicated = 0;   // the same times each file's replication: HDFS's measure
  std::uint64_t storedReplicated = 0;  // bytes on disks, all replicas

  Usage& operator+=(const Usage& other);
};

Usage usageOfFile(const Entry& entry);

// Adds up everything below `item`, which exists. `onDirectory` is called for each directory after
// all that is in it, `item` last; it may be empty. `failed` is called for what cannot be listed;
// the rest goes on, unless `over` says so. One call to the namenode a directory and page; memory
// for the directories open at one time.
struct UsageWalk {
  std::function<void(const Item& directory, const Usage& usage)> onDirectory;
  std::function<void(std::string_view shown, const Status& why)> failed;
  std::function<bool()> over;
};
Usage usageOf(Client& client, const Item& item, const UsageWalk& walk);

}  // namespace cairn::shell
