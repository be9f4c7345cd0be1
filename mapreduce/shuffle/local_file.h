// Whole reads and writes of a task's own files on its local disk.
// Layer: mapreduce shuffle (POSIX).  Threads: any; reads are positional.
// Nothing here is made durable: what a crash loses is made again.
#pragma once

#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "mapreduce/api/unique_fd.h"

namespace cairn::mr {

Result<UniqueFd> createLocalFile(const std::string& path);  // truncates; readable and writable
Result<UniqueFd> openLocalFile(const std::string& path);
// All of `to`; CORRUPT when the file ends before.
Result<void> readFully(int fd, std::uint64_t offset, MutableBytes to);
// At the descriptor's position.
Result<void> writeFully(int fd, ByteView bytes);

}  // namespace cairn::mr
