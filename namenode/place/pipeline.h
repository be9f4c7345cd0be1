// Chooses the datanodes that a new chunk is written to.
// Layer: place (pure).  Cost: O(nodes x replicas).
//
// HDFS's order: the writer's own node (or machine), then a node on another rack, then one on the
// second's rack, then anywhere; while all stand on one rack, the next on another. Where racks,
// machines or quiet nodes run out, the next best is taken: a chunk gets fewer replicas than wanted
// rather than none. Among equals two are drawn and the one with more room and less to do wins
// (power of two choices).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"

namespace cairn::nn {

// A uniform random number in [0, n); n > 0. Of the caller's generator, so that a seed repeats a
// run.
using Dice = std::function<std::uint64_t(std::uint64_t n)>;

struct Candidate {
  NodeId node;
  std::string_view address;  // for messages
  std::string_view machine;
  std::string_view rack;
  std::uint64_t freeBytes = 0;
  std::uint32_t load = 0;  // transfers running and just assigned
  // Why it takes no chunk whatever the request: "silent for 31 s"; "" = it does.
  std::string_view unfit;
  // Unfit, but expected back within seconds.
  bool awaited = false;
  // The same of one that the namenode has not heard of since it started, for the first seconds.
  bool expected = false;
};

struct PlacementRequest {
  unsigned replicas = 1;
  NodeId localNode;                  // next to the writer; 0 = none known
  std::string_view machine;          // the writer's; "" = not known
  std::span<const NodeId> excluded;  // by the writer: could not reach them
  std::span<const NodeId> existing;  // have the chunk already: further ones are chosen
  std::uint64_t chunkBytes = 0;      // what must fit
  // Rather comes again than take fewer datanodes than wanted while others are expected.
  bool patient = false;
};

// A busy node is one with more than this many times the mean load (HDFS: 2.0), and more than the
// floor below, under which differences mean nothing.
inline constexpr double BUSY_FACTOR = 2.0;
inline constexpr std::uint32_t BUSY_FLOOR = 16;

// The pipeline in order, at least one node, at most `replicas`, besides `existing`.
// PLACEMENT_FAILED when no node fits: the message names every node and why. With a retry hint while
// one is awaited that would do; or when a patient request gets fewer than it wants while one is
// expected that would do.
Result<std::vector<NodeId>> choosePipeline(std::span<const Candidate> nodes,
                                           const PlacementRequest& request, const Dice& dice);

}  // namespace cairn::nn
