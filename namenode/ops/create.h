// create: a new, empty file, open for writing by the caller.
// Layer: ops.
#pragma once

#include <optional>

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

struct CreateRequest {
  const Path& path;
  std::uint16_t mode = 0644;  // the client has applied its umask
  bool overwrite = false;
  bool createParents = true;
  std::uint32_t replication = 0;  // 0: the server's default
  std::uint64_t chunkSize = 0;    // plain bytes; 0: the server's default
  // None: as the nearest directory above says, else the server's default; level included.
  std::optional<record::Codec> codec;
  std::int32_t zstdLevel = 0;
};

// answer.entry: the new file. An existing file is ALREADY_EXISTS without `overwrite`,
// LEASE_CONFLICT when it is being written (context.closeFirst is set when its writer has fallen
// silent); with `overwrite` it is replaced, being written or not, as in HDFS, if the caller may
// write it. ALREADY_EXISTS for a directory; NOT_FOUND without a parent and without createParents;
// NOT_A_DIRECTORY, PERMISSION_DENIED, INVALID_ARGUMENT, INVALID_PATH (reserved.h), LIMIT_EXCEEDED.
Result<Outcome> create(Draft& draft, Context& context, const CreateRequest& request);

// LIMIT_EXCEEDED when the caller has OPEN_FILES_PER_CLIENT_MAX files open.
Result<void> checkOpenFiles(const Context& context);

// Open files of one client, at most.
inline constexpr std::size_t OPEN_FILES_PER_CLIENT_MAX = 10'000;  // reliability.md 5.5

}  // namespace cairn::nn
