// zstd over whole buffers, with one context of each kind a thread, made at its first use and freed
// with the thread (about 0.5 MiB at level 1, some MiB at high ones).
// Layer: format (internal).  Threads: any.  The only user of zstd's headers is zstd_codec.cc.
#pragma once

#include <cstddef>
#include <optional>

#include "common/base/bytes.h"

namespace cairn::format {

// Bytes written to `to`; nullopt when the result does not fit, or zstd failed otherwise.
std::optional<std::size_t> zstdCompress(ByteView plain, int level, MutableBytes to);

// Whether `stored` unpacks to exactly to.size() bytes. Never writes more than that, and takes no
// memory that depends on what `stored` says.
bool zstdDecompress(ByteView stored, MutableBytes to);

}  // namespace cairn::format
