// Random lists of operations against the real namenode, with restarts and crashes in between, and a
// small model of the namespace. A list that fails is cut down and printed as a test of its own.
//
// CAIRN_SEED=n runs that seed alone; CAIRN_SEEDS=n runs so many, CAIRN_STEPS=n with so many
// operations each.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/model/namespace_run.h"

namespace cairn::model {
namespace {

constexpr std::uint64_t SEEDS = 12;
constexpr std::uint64_t STEPS = 250;
constexpr int SHRINK_RUNS_MAX = 150;

std::uint64_t numberFrom(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Protects the namespace's rules (names, rights, writers, what a restart and a repeated call may
// change) against everything nobody thought of.
TEST(NamespaceModel, RandomOperations) {
  const std::uint64_t only = numberFrom("CAIRN_SEED", 0);
  const std::uint64_t first = only != 0 ? only : 1;
  const std::uint64_t last = only != 0 ? only : numberFrom("CAIRN_SEEDS", SEEDS);
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    io::Random random(seed);
    const auto operations = randomOperations(random, numberFrom("CAIRN_STEPS", STEPS));
    const std::string difference = run(operations);
    if (difference.empty()) continue;
    const auto few = shrink(operations, SHRINK_RUNS_MAX);
    FAIL() << "CAIRN_SEED=" << seed << ": " << difference << "\n\nas a test:\n"
           << asTest(few, "Seed" + std::to_string(seed)) << "which fails with: " << run(few);
  }
}

// Protects repeatability: a seed stands for one list of operations.
TEST(NamespaceModel, TheSameSeedGivesTheSameList) {
  io::Random one(5);
  io::Random two(5);
  const auto a = randomOperations(one, 50);
  const auto b = randomOperations(two, 50);
  EXPECT_EQ(asTest(a, "A"), asTest(b, "A"));
}

}  // namespace
}  // namespace cairn::model
