// Random lists of operations of several users against the real namenode and a small model of the
// namespace, with restarts and crashes in between, calls that are sent again at once, after a crash
// or after others' changes, and chunks recovered by a datanode. A list that fails is cut down and
// printed as a test of its own.
//
// CAIRN_SEED=n runs that seed alone; CAIRN_SEEDS=n runs so many, CAIRN_STEPS=n with so many
// operations each.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/model/namespace_run.h"

namespace cairn::model {
namespace {

constexpr std::uint64_t SEEDS = 24;
constexpr std::uint64_t SEEDS_FULL = 300;
constexpr std::uint64_t STEPS = 250;
constexpr int SHRINK_RUNS_MAX = 150;

std::uint64_t numberFrom(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Protects the namespace's rules (names, rights, writers, what a restart and a repeated call may
// change) against everything nobody thought of.
TEST(NamespaceModel, RandomOperations) {
  const std::uint64_t seeds = std::getenv("CAIRN_TEST_FULL") != nullptr ? SEEDS_FULL : SEEDS;
  const std::uint64_t only = numberFrom("CAIRN_SEED", 0);
  const std::uint64_t first = only != 0 ? only : 1;
  const std::uint64_t last = only != 0 ? only : numberFrom("CAIRN_SEEDS", seeds);
  const std::uint64_t steps = numberFrom("CAIRN_STEPS", STEPS);
  Tally tally;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    io::Random random(seed);
    const auto operations = randomOperations(random, steps);
    const std::string difference = run(operations, &tally);
    if (difference.empty()) continue;
    const auto few = shrink(operations, SHRINK_RUNS_MAX);
    FAIL() << "CAIRN_SEED=" << seed << ": " << difference << "\n\nas a test:\n"
           << asTest(few, "Seed" + std::to_string(seed)) << "which fails with: " << run(few);
  }
  if (last - first + 1 < SEEDS || steps < STEPS) return;
  // What is always refused, or never, is not tested.
  for (auto what = Do::MKDIRS; what <= Do::RESTART;
       what = static_cast<Do>(static_cast<int>(what) + 1)) {
    const std::string name(nameOf(what));
    EXPECT_GT(tally.done[what], 0U) << name;
    if (what < Do::FINISH_RECOVERIES) EXPECT_GT(tally.refused[what], 0U) << name;
    RecordProperty(name, std::to_string(tally.done[what]) + " done, " +
                             std::to_string(tally.refused[what]) + " refused");
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
