// Steps on a Disk that several components take, each done right once.
// Layer: io.  Threads: any; the calls hold no state.  Errors: those of the Disk calls inside.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/io/disk.h"

namespace cairn::io {

// Replaces the file at `path` so that after a crash either the old or the new content is there
// whole: writes "<path>.tmp", syncs it, renames it over `path`, syncs the directory. A left-over
// .tmp of an earlier crash is replaced. When this returns without error the content is durable;
// after an error the old content stands, except after one of the last syncDir, where either may.
// One writer of a path at a time.
Result<void> writeFileAtomically(Disk& disk, std::string_view path, ByteView content);

// The whole content. LIMIT_EXCEEDED for a file of more than `limitBytes`.
Result<std::string> readWholeFile(Disk& disk, std::string_view path, std::uint64_t limitBytes);

// Fills all of `to`. CORRUPT, with offset and length in the message, when the file ends before.
Result<void> readExactlyAt(File& file, std::uint64_t offset, MutableBytes to);

// makeDirs, then syncDir of the parent of each component, from the root downwards.
Result<void> makeDirsDurably(Disk& disk, std::string_view dir);

// Removes `path` and everything below; no error when it is not there. Not durable. After an error
// a part may be gone. Never follows a symbolic link.
Result<void> removeTree(Disk& disk, std::string_view path);

}  // namespace cairn::io
