// Where each partition's segment lies in a map output file. FORMAT.md describes the file.
// Layer: mapreduce shuffle (base only).  Threads: values.
#pragma once

#include <cstdint>
#include <vector>

namespace cairn::mr {

struct SegmentPlace {
  std::uint64_t offset = 0;
  std::uint64_t lengthBytes = 0;  // 0: no record went to this partition, nothing is stored
  std::uint64_t records = 0;
  std::uint64_t plainBytes = 0;  // of the records before compression
  std::uint32_t crc32c = 0;      // of the segment's bytes as stored

  bool operator==(const SegmentPlace&) const = default;
};

struct MapOutputIndex {
  std::vector<SegmentPlace> partitions;  // by partition number
  std::uint64_t fileBytes = 0;

  bool operator==(const MapOutputIndex&) const = default;
};

}  // namespace cairn::mr
