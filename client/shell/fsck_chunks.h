// Chunks by their ids: which file has each, and where its replicas are. HDFS's fsck -blockId.
// Layer: client/shell.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/shell/verb.h"

namespace cairn::shell {

// The number in "16", "16_1001" (as fsck prints it) or "blk_16" (as HDFS does). Pure.
std::optional<std::uint64_t> chunkIdIn(std::string_view text);
// What is told of one chunk: the lines of HDFS that have a meaning here. Pure.
std::string describeChunk(std::string_view path, const Entry& file, const ChunkLocation& chunk);

// Prints the chunks of these ids, which commas part. The exit code: EXIT_FAILED when one does not
// exist, has no live replica or damaged ones alone, or cannot be looked up.
int checkChunks(Verb& verb, Client& client, std::string_view ids);

}  // namespace cairn::shell
