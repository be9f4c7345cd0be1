// Hands out ids that are never reused. They are reserved in batches: the high-water marks are
// written with the first change that needs them, so a crash loses the rest of a batch and nothing
// else.
// Layer: meta (std and the record).  Threads: one.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/ids.h"
#include "common/schema/namenode.pb.h"

namespace cairn::nn {

class IdAllocator {
public:
  // `durable`: the marks as they stand in table sys; a default record for a new file system.
  explicit IdAllocator(const record::Reservations& durable);

  InodeId nextInode();
  ChunkId nextChunk();
  GenerationStamp nextGeneration();
  NodeId nextNode();

  // Whether this id was handed out at some time, by this process or an earlier one (which may have
  // skipped it: then it was never used and never will be).
  bool wasHandedOut(ChunkId chunk) const;
  bool wasHandedOut(GenerationStamp generation) const;
  // Whether it is an id as they are handed out, and this directory has not got to it yet: another
  // one has. False for numbers that no directory will get to.
  bool isAhead(ChunkId chunk) const;
  bool isAhead(GenerationStamp generation) const;
  // Another directory has handed ids out, at least up to these: none is handed out from now on that
  // it can have got to, also of those that nobody has reported. May be called some millions of
  // times before the numbers end.
  void leap(ChunkId chunk, GenerationStamp generation);

  // The marks to be written with the next changes; nothing when those on disk still hold.
  // Whoever takes them must see to it that they become durable before, or with, anything that
  // uses an id handed out since.
  std::optional<record::Reservations> takeReservations();

private:
  std::uint64_t take(std::uint64_t& next, std::uint64_t& reserved, std::uint64_t step,
                     std::uint64_t batch);

  struct Counter;
  void leap(Counter& counter, std::uint64_t reported);

  struct Counter {
    std::uint64_t next;
    std::uint64_t reserved;
  };
  Counter inode_;
  Counter chunk_;
  Counter generation_;
  Counter node_;
  bool changed_ = false;
};

}  // namespace cairn::nn
