// Writes a map output file, or a run: the segments of its partitions one behind the other.
// Layer: mapreduce shuffle.  Threads: one.
// Cost: a copy of each record; one write call for every 128 KiB; with compression one zstd context.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "mapreduce/api/engine_conf.h"
#include "mapreduce/api/unique_fd.h"
#include "mapreduce/shuffle/block_format.h"
#include "mapreduce/shuffle/segment_index.h"

namespace cairn::mr {

class SegmentWriter {
public:
  // Creates the file. If close() does not succeed, its contents mean nothing; nobody removes it.
  static Result<std::unique_ptr<SegmentWriter>> create(const std::string& path,
                                                       std::uint32_t partitions,
                                                       Compression compression);
  ~SegmentWriter();
  SegmentWriter(const SegmentWriter&) = delete;
  SegmentWriter& operator=(const SegmentWriter&) = delete;

  // The records that follow belong to `partition`. Only forward. REQUIRES: below `partitions`.
  void beginPartition(std::uint32_t partition);
  // The partition's next record, in order of keys. Failures show in close(), and in failed().
  void add(std::string_view key, std::string_view value) {
    const std::size_t need = key.size() + value.size() + 2 * LENGTH_BYTES_MAX;
    if (room_ - used_ < need) [[unlikely]]
      makeRoom(need);
    char* at = block_.get() + BLOCK_HEADER_BYTES + used_;
    at = putLength(at, static_cast<std::uint32_t>(key.size()));
    at = putLength(at, static_cast<std::uint32_t>(value.size()));
    if (!key.empty()) std::memcpy(at, key.data(), key.size());
    at += key.size();
    if (!value.empty()) std::memcpy(at, value.data(), value.size());
    at += value.size();
    used_ = static_cast<std::size_t>(at - (block_.get() + BLOCK_HEADER_BYTES));
    ++records_;
    if (used_ >= BLOCK_PLAIN_BYTES) [[unlikely]]
      writeBlock();
  }
  bool failed() const { return failure_.has_value(); }
  // Ends the last segment. No calls afterwards. The first failure, if there was one.
  Result<MapOutputIndex> close();

private:
  struct Compressor;  // keeps zstd out of this header

  SegmentWriter(UniqueFd fd, std::uint32_t partitions, Compression compression);
  void makeRoom(std::size_t bytes);
  void writeBlock();
  void endSegment();

  UniqueFd fd_;
  std::unique_ptr<Compressor> compressor_;  // null: as it is
  std::unique_ptr<char[]> block_;           // room for a header, then the records
  std::size_t room_;
  std::size_t used_ = 0;
  std::uint64_t records_ = 0;  // of the segment
  SegmentPlace place_;         // of the segment, so far
  std::uint32_t partition_ = 0;
  MapOutputIndex index_;
  std::optional<Status> failure_;
};

}  // namespace cairn::mr
