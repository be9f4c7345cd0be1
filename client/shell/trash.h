// The trash, as in HDFS: what is removed goes to /user/<name>/.Trash/Current under its own path;
// expunging makes a checkpoint of that, named by the time, and clears old checkpoints away.
// Layer: client/shell.  Threads: the main thread.
//
// Moves are renames: they cost the same for a tree of any size. Two that remove at the same time do
// not disturb each other; a name that is taken gets the time in milliseconds behind it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cairn/client.h"
#include "client/shell/remote_path.h"
#include "common/base/result.h"
#include "common/config/client_config.h"

namespace cairn::shell {

class Trash {
public:
  // Of the user of `config`, who is also the client's. The client outlives it.
  Trash(Client& client, const config::ClientConfig& config);

  // For how long it keeps what it takes; 0: there is no trash. The namenode's interval counts where
  // it has one, the configuration's otherwise, as in HDFS. The namenode is asked once, also when
  // it does not answer.
  Result<std::int64_t> intervalMs();

  // Moves what is at `path`, which exists, and returns its path in the trash. Nothing when there is
  // no trash, or it lies there already, or is the trash: then it is to be removed for good.
  // INVALID_ARGUMENT without a message: it holds the trash. Other errors are those of intervalMs(),
  // mkdirs() and rename(); with the first there may be a trash: nothing is to be removed for good
  // by mistake.
  Result<std::optional<std::string>> take(const std::string& path, std::int64_t nowMs);

  // Where take() puts it unless something is there already.
  std::string placeFor(const std::string& path) const;

  // Makes Current, if there is one, a checkpoint.
  Result<void> makeCheckpoint(std::int64_t nowMs);
  // Removes the checkpoints that are older than intervalMs(), or all.
  Result<void> clear(std::int64_t nowMs);
  Result<void> clearAll();

private:
  Result<void> clearWhere(const std::function<bool(std::string_view name)>& goes);

  Client& client_;
  const std::int64_t ownIntervalMs_;
  std::optional<Result<std::int64_t>> intervalMs_;
  std::string root_;
};

}  // namespace cairn::shell
