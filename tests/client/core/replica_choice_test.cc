#include "client/core/replica_choice.h"

#include <gtest/gtest.h>

#include <vector>

namespace cairn::client {
namespace {

// Protects the order in which a reader turns to replicas: a wrong one reads over the network what
// lies next to it, or waits for a dead node again and again.
class ReplicaChoice : public ::testing::Test {
protected:
  // Node numbers in the order in which they would be tried when each fails.
  std::vector<std::uint32_t> order(std::string_view machine) {
    std::vector<std::uint32_t> chosen;
    std::set<std::uint32_t> tried;
    while (const auto* next = chooseReplica(
               replicas_, machine,
               {.tried = tried,
                .isBad = [&](std::uint32_t node) { return bad_.contains(node); },
                .isSuspect = [&](std::uint32_t node) { return suspect_.contains(node); }})) {
      chosen.push_back(next->node);
      tried.insert(next->node);
    }
    return chosen;
  }
  static DatanodeAddress at(std::uint32_t node, std::string machine) {
    DatanodeAddress address;
    address.node = node;
    address.machine = std::move(machine);
    return address;
  }

  std::vector<DatanodeAddress> replicas_{at(1, "a"), at(2, "b"), at(3, "c")};
  std::set<std::uint32_t> bad_;
  std::set<std::uint32_t> suspect_;
};

using Order = std::vector<std::uint32_t>;

TEST_F(ReplicaChoice, KeepsTheNamenodesOrder) {
  EXPECT_EQ(order("x"), (Order{1, 2, 3}));
  EXPECT_EQ(order(""), (Order{1, 2, 3}));
}

TEST_F(ReplicaChoice, PrefersThisMachine) { EXPECT_EQ(order("c"), (Order{3, 1, 2})); }

TEST_F(ReplicaChoice, SuspectsComeLateAndBadOnesLast) {
  suspect_ = {1};
  EXPECT_EQ(order("a"), (Order{2, 3, 1}));
  bad_ = {2};
  EXPECT_EQ(order("b"), (Order{3, 1, 2}));
}

// A machine whose id is unknown on both sides must not count as this one.
TEST_F(ReplicaChoice, UnknownMachinesAreNotLocal) {
  replicas_ = {at(1, "b"), at(2, "")};
  EXPECT_EQ(order(""), (Order{1, 2}));
}

}  // namespace
}  // namespace cairn::client
