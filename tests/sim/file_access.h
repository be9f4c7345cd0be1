// A file's bytes through the real client: what a worker and the final check both do.
// Layer: tests/sim.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <string>

#include "client/core/file_system.h"

namespace cairn::sim {

// In order to the end.
kj::Promise<Result<std::string>> readFile(client::FileSystem& files, std::string path);
// One positional read of up to `length` bytes.
kj::Promise<Result<std::string>> readPart(client::FileSystem& files, std::string path,
                                          std::uint64_t offset, std::uint64_t length);
// The names in a directory, all pages.
kj::Promise<Result<std::vector<Entry>>> listAll(client::FileSystem& files, std::string path);

}  // namespace cairn::sim
