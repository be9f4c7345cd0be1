// HDFS's checksum of a file, from the sums that its datanodes keep.
// Layer: client/core.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <span>
#include <string>

#include "cairn/types.h"
#include "client/core/session.h"
#include "common/async/coroutine.h"
#include "common/format/md5.h"

namespace cairn::client {

// Asks one replica of each chunk, another where that fails. IS_A_DIRECTORY, NOT_FOUND, UNAVAILABLE
// (names each datanode and why). A chunk that is being written is left out. `session` outlives the
// promise. Costs a call a chunk, one after the other, and no read of finished chunks.
kj::Promise<Result<FileChecksum>> checksumOf(Session& session, std::string path);

// HDFS's MD5-of-0MD5-of-512CRC32C from the sums of the chunks, in order. `firstChunkLength`: plain
// bytes. Pure.
FileChecksum combineChecksums(std::span<const format::Md5> chunks, std::uint64_t firstChunkLength);

}  // namespace cairn::client
