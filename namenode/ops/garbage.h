// Taking entries out of the namespace: what they held goes under table gc and is reclaimed later
// (reclaim.h), so that removing costs the same whatever hangs below.
// Layer: ops.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/result.h"
#include "namenode/ops/context.h"

namespace cairn::nn {

// Removes the entry's row and place and what it held: a file's lease and extended attributes go at
// once, its chunks and a directory's children later. The parent's row is the caller's business.
Result<void> discardEntry(Draft& draft, InodeId parent, std::string_view name,
                          const record::Dirent& entry);

// Takes the committed chunks from index `kept` on out of an open or finished file: its lengths and
// its count of chunks shrink at once, the chunks go later, as those of a removed file. The file's
// row is the caller's business. O(chunks taken out).
struct PlacedFile;
Result<void> discardChunks(Draft& draft, IdAllocator& ids, PlacedFile& file, std::uint32_t kept);

}  // namespace cairn::nn
