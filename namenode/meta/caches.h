// What the namenode keeps in memory of its tables.
// Layer: meta.  Threads: any.
//
// Directories: id and rights of a directory by parent and name, for they are few (13 % of the
// entries on a sample, storage.md N8) and on every path. All of them fit on most clusters, so they
// are not pushed out by files.
//
// Entries: rows of table dirent as they are on disk, those used last. In a profile of stats of
// 30,000 files RocksDB's look-up took 4 of 12 us a call.
#pragma once

#include <memory>
#include <string>

#include "namenode/meta/coherent_cache.h"
#include "namenode/meta/meta_view.h"

namespace cairn::nn {

using DirectoryCache = CoherentCache<std::shared_ptr<const PathNode>>;
using EntryCache = CoherentCache<std::string>;

}  // namespace cairn::nn
