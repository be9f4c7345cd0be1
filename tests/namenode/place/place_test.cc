// Where chunks go, and in which order they are read.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "common/base/units.h"
#include "common/io/random.h"
#include "namenode/place/pipeline.h"
#include "namenode/place/read_order.h"
#include "tests/testkit/results.h"

namespace cairn::nn {
namespace {

class PlaceTest : public ::testing::Test {
protected:
  Candidate node(std::uint32_t id, std::string_view rack, std::string_view machine = {}) {
    return {.node = NodeId(id),
            .address = "host:1",
            .machine = machine,
            .rack = rack,
            .freeBytes = 10_GiB,
            .load = 0,
            .unfit = {},
            .awaited = false};
  }
  std::vector<NodeId> choose(const PlacementRequest& request) {
    auto chosen = choosePipeline(nodes, request, dice);
    EXPECT_OK(chosen);
    return chosen.value_or(std::vector<NodeId>());
  }
  std::string_view rackOf(NodeId id) {
    return std::ranges::find(nodes, id, &Candidate::node)->rack;
  }
  io::Random random{7};
  Dice dice = [this](std::uint64_t n) { return random.below(n); };
  std::vector<Candidate> nodes;
};

// Protects HDFS's rule: the writer's node, another rack, that rack again; never one node twice.
TEST_F(PlaceTest, FirstNextToTheWriterThenTwoOnAnotherRack) {
  for (std::uint32_t i = 1; i <= 9; ++i)
    nodes.push_back(node(i, i <= 3 ? "/a" : i <= 6 ? "/b" : "/c"));
  for (int round = 0; round < 200; ++round) {
    const auto chosen =
        choose({.replicas = 3, .localNode = NodeId(2), .machine = {}, .excluded = {}});
    ASSERT_EQ(chosen.size(), 3U);
    EXPECT_EQ(chosen[0], NodeId(2));
    EXPECT_NE(rackOf(chosen[1]), "/a");
    EXPECT_EQ(rackOf(chosen[2]), rackOf(chosen[1]));
    EXPECT_NE(chosen[1], chosen[2]);
  }
}

// Protects a chunk whose copies all stand on one rack: the next ones go elsewhere, however many
// there are.
TEST_F(PlaceTest, WhatStandsOnOneRackGetsAnother) {
  for (std::uint32_t i = 1; i <= 8; ++i) nodes.push_back(node(i, i == 8 ? "/b" : "/a"));
  const std::vector<NodeId> existing{NodeId(1), NodeId(2), NodeId(3), NodeId(4)};
  for (std::size_t count = 1; count <= existing.size(); ++count) {
    for (int round = 0; round < 20; ++round) {
      const auto chosen = choose({.replicas = 2,
                                  .machine = {},
                                  .excluded = {},
                                  .existing = std::span(existing).first(count)});
      ASSERT_EQ(chosen.size(), 2U);
      EXPECT_EQ(chosen[0], NodeId(8)) << count;
    }
  }
}

// Protects against two copies on one machine while there is another.
TEST_F(PlaceTest, MachinesAreSpread) {
  nodes = {node(1, "/r", "m1"), node(2, "/r", "m1"), node(3, "/r", "m2")};
  for (int round = 0; round < 50; ++round) {
    const auto chosen =
        choose({.replicas = 2, .localNode = NodeId(1), .machine = "m1", .excluded = {}});
    EXPECT_EQ(chosen, (std::vector<NodeId>{NodeId(1), NodeId(3)}));
  }
  // Where there are no more machines, the copies share one: better than fewer copies.
  EXPECT_EQ(choose({.replicas = 3, .localNode = NodeId(1), .machine = {}, .excluded = {}}).size(),
            3U);
}

// Protects an even spread over nodes that are equal, and less for those with less room.
TEST_F(PlaceTest, EqualNodesShareTheLoad) {
  for (std::uint32_t i = 1; i <= 4; ++i) nodes.push_back(node(i, "/r"));
  nodes[3].freeBytes = 1_GiB;
  std::map<NodeId, int> count;
  for (int round = 0; round < 4000; ++round) {
    ++count[choose({.replicas = 1, .localNode = {}, .machine = {}, .excluded = {}})[0]];
  }
  EXPECT_GT(count[NodeId(1)], 900);
  EXPECT_LT(count[NodeId(4)], count[NodeId(1)] / 2);
}

// Protects a busy node, be it the writer's own.
TEST_F(PlaceTest, BusyNodesComeLast) {
  nodes = {node(1, "/r"), node(2, "/r"), node(3, "/r")};
  nodes[0].load = 100;
  for (int round = 0; round < 50; ++round) {
    const auto chosen =
        choose({.replicas = 2, .localNode = NodeId(1), .machine = {}, .excluded = {}});
    EXPECT_EQ(std::ranges::count(chosen, NodeId(1)), 0);
  }
}

// Protects the operator: the error names every node and why it could not take the chunk.
TEST_F(PlaceTest, TheErrorNamesEachNodeAndWhy) {
  nodes = {node(1, "/r"), node(2, "/r"), node(3, "/r")};
  nodes[0].unfit = "silent for 31 s";
  nodes[1].freeBytes = 1_MiB;
  const std::vector<NodeId> excluded{NodeId(3)};
  const auto chosen = choosePipeline(
      nodes,
      {.replicas = 3, .localNode = {}, .machine = {}, .excluded = excluded, .chunkBytes = 128_MiB},
      dice);
  EXPECT_CODE(Code::PLACEMENT_FAILED, chosen);
  EXPECT_MESSAGE(
      "no datanode can take a chunk: datanode 1 (host:1): silent for 31 s; datanode 2 (host:1): "
      "1.0 MiB free, 128.0 MiB needed; datanode 3 (host:1): excluded by the writer",
      chosen);
}

// Protects writers right after a restart of the namenode: they come again while a node may be back
// any moment that would do.
TEST_F(PlaceTest, AnAwaitedNodeIsWorthComingAgain) {
  nodes = {node(1, "/r"), node(2, "/r")};
  nodes[0].unfit = "silent for 31 s";
  nodes[1].unfit = "has not registered";
  const auto retryMs = [&](const std::vector<NodeId>& excluded) {
    return choosePipeline(nodes, {.machine = {}, .excluded = excluded}, dice)
        .error()
        .retryAfterMs();
  };
  EXPECT_EQ(retryMs({}), 0U);
  nodes[1].awaited = true;
  EXPECT_GT(retryMs({}), 0U);
  EXPECT_GT(retryMs({NodeId(1)}), 0U);
  EXPECT_EQ(retryMs({NodeId(2)}), 0U);
}

// Protects a chunk from being written once, right after a restart of the namenode, because one
// datanode was the first to come back; and its writer from waiting for what does not help.
TEST_F(PlaceTest, APatientWriterWaitsForExpectedNodes) {
  nodes = {node(1, "/r"), node(2, "/r")};
  nodes[1].unfit = "has not registered";
  nodes[1].awaited = true;
  const std::vector<NodeId> second{NodeId(2)};
  const auto placed = [&](bool patient, unsigned replicas, std::span<const NodeId> excluded = {}) {
    const auto chosen = choosePipeline(
        nodes, {.replicas = replicas, .machine = {}, .excluded = excluded, .patient = patient},
        dice);
    if (!chosen.has_value()) EXPECT_GT(chosen.error().retryAfterMs(), 0U);
    return chosen.has_value() ? chosen->size() : 0;
  };
  EXPECT_EQ(placed(true, 2), 1U) << "it may be dead";
  nodes[1].expected = true;
  EXPECT_EQ(placed(true, 2), 0U);
  EXPECT_EQ(placed(false, 2), 1U);
  EXPECT_EQ(placed(true, 1), 1U);
  EXPECT_EQ(placed(true, 2, second), 1U);
  nodes[1] = node(2, "/r");
  EXPECT_EQ(placed(true, 3), 2U);
}

// Protects readers' latency and the network: near copies first, silent nodes after all live ones.
TEST_F(PlaceTest, ReadersGetNearReplicasFirst) {
  for (int round = 0; round < 50; ++round) {
    std::vector<ReplicaPlace> replicas{
        {.node = NodeId(1), .host = "h1", .machine = {}, .rack = "/b", .live = true},
        {.node = NodeId(2), .host = "h2", .machine = {}, .rack = "/a", .live = true},
        {.node = NodeId(3), .host = "me", .machine = {}, .rack = "/a", .live = false},
        {.node = NodeId(4), .host = "me", .machine = {}, .rack = "/a", .live = true}};
    orderForRead(replicas, {.host = "me", .machine = {}, .rack = "/a"}, dice);
    std::vector<std::uint32_t> order;
    for (const auto& replica : replicas) order.push_back(replica.node.value);
    EXPECT_EQ(order, (std::vector<std::uint32_t>{4, 2, 1, 3}));
  }
}

}  // namespace
}  // namespace cairn::nn
