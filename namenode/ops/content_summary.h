// contentSummary: how many files, directories and bytes there are at and below a path.
// Layer: ops.
#pragma once

#include "namenode/meta/below.h"
#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

// A directory counts itself, as in HDFS; a file that is being written counts its completed chunks.
// The totals are kept (namenode/meta/summaries.h): one row, whatever lies below. So rights are
// asked for on the directory alone (read and search), where HDFS asks each directory below: who may
// list a directory learns totals of what he may not look into. NOT_FOUND, NOT_A_DIRECTORY,
// PERMISSION_DENIED.
Result<Totals> contentSummary(const MetaView& view, const Caller& caller, const Path& path);

}  // namespace cairn::nn
