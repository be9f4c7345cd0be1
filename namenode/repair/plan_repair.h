// What has to be done so that a chunk has as many good copies as wanted: how many are to be made
// and from which, or which may go. Layer: repair (pure).  Cost: O(copies), for each that is to be
// made or to go.
//
// Copies on a datanode that is silent but not given up count: one that is being restarted must not
// set its whole inventory moving. Only copies that can be had now, and that their datanodes have
// confirmed since the namenode started, stand in for one that goes.
//
// Copies that all stand on one rack are enough only where there is no other (HDFS's rule): one more
// is made elsewhere, and what is too much then goes where others stay near.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/ids.h"

namespace cairn::nn {

// A copy of the chunk's generation and length on record.
struct ChunkCopy {
  enum class Where : std::uint8_t {
    HERE,  // its datanode can be asked now
    AWAY,  // its datanode is silent, or has not compared its replicas yet
    GONE,  // its datanode counts as dead
  };
  NodeId node;
  std::string_view machine;
  std::string_view rack;
  std::uint64_t freeBytes = 0;  // of its datanode
  std::uint32_t load = 0;       // transfers that run there
  Where where = Where::GONE;
  bool suspect = false;    // somebody has read it wrong
  bool confirmed = false;  // its datanode has said, in this life of the namenode, that it has it
  bool leaving = false;    // its delete is ordered and not reported yet
};

// One plan has so many made, or go, at most: a step of the loop, also for a chunk with 512 copies.
inline constexpr unsigned COPIES_A_PLAN = 16;

struct RepairPlan {
  unsigned missing = 0;  // copies to be made; 0 when there is nothing to make them from
  // "": they may stand anywhere. Else there are enough, but all on this rack, and the missing one
  // is to stand on another; nothing is made when that cannot be.
  std::string_view awayFrom;
  std::vector<NodeId> sources;  // to make them from, best first; empty unless any is missing
  std::vector<NodeId> surplus;  // copies that may go
  bool more = false;            // there is more to do: plan again when this is ordered
  bool unsure = false;          // more may, once datanodes that are here have confirmed theirs
};

// `wanted`: at least 1. `underWay`: copies that are being made now. `racks`: those on which new
// copies can be made.
// Of the surplus those go first without which the chunk still is on two racks, if it is; of these
// those whose machines hold another copy, then those whose racks do, then those on the fullest
// datanodes.
RepairPlan planRepair(std::span<const ChunkCopy> copies, unsigned wanted, unsigned underWay,
                      std::span<const std::string_view> racks);

// Whether the copy counts as one of those wanted: it is not given up, good, and stays.
bool counts(const ChunkCopy& copy);

// Whether it stands in for one that goes: it counts, its datanode is here and has confirmed it.
bool isSafe(const ChunkCopy& copy);

// How many good copies the chunk can do without: those that are safe, as far as they are more than
// `wanted`. Negative when they are fewer.
int spareCopies(std::span<const ChunkCopy> copies, unsigned wanted);

}  // namespace cairn::nn
