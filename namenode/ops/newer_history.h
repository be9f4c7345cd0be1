// Signs that the namenode's directory is older than it should be: datanodes know of an epoch, a
// group of changes or an id that it has not got to. A backup that was put back, or the wrong disk:
// if it went on, it would hand out ids again that are in use, and take newer files for removed.
// Layer: ops (pure).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/schema/namenode.pb.h"
#include "namenode/meta/id_allocator.h"
#include "namenode/ops/report_replica.h"

namespace cairn::nn {

// Each null where there is none.
struct NewerSigns {
  Epoch epoch;
  TxId group;
  ChunkId chunk;
  GenerationStamp generation;
};

// The highest ids among the reports that this directory has not got to.
NewerSigns newerIds(const IdAllocator& ids, std::span<const ReportedReplica> reports);

// Takes the signs into the row. Whether they say more than it did.
bool mergeSigns(record::NewerHistory& known, const NewerSigns& signs, std::string_view toldBy);
// Whether the row holds any sign.
bool isOlderThanKnown(const record::NewerHistory& known);
// What has happened and what an operator can do, in a few sentences; "" without any sign.
std::string describeNewer(const record::NewerHistory& known);

}  // namespace cairn::nn
