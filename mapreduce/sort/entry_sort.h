// Sorts the index of a full RecordBuffer. The records stay where they are.
// Layer: mapreduce sort (pure).  Threads: one.
// Cost: a radix sort on the partition and on eight key bytes at a time (most significant first, in
// place); about 30 ns a record for a million random keys. Records are looked at only for keys whose
// first eight bytes are equal.
#pragma once

#include <cstdint>

#include "cairn/mr/record_buffer.h"

namespace cairn::mr {

// Orders buffer.entries() by partition, then by key bytes, then as they were added. Afterwards the
// entries' prefixes mean nothing. REQUIRES: every entry's partition is below `partitions`.
void sortEntries(RecordBuffer& buffer, std::uint32_t partitions);

}  // namespace cairn::mr
