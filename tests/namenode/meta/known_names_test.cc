// Names that are surely absent: a wrong "absent" would let a create put its entry over a file that
// is there.
#include "namenode/meta/known_names.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

namespace cairn::nn {
namespace {

constexpr InodeId D1{100};
constexpr InodeId D2{200};

std::string nameOf(std::uint64_t number) { return "name" + std::to_string(number); }

TEST(KnownNamesTest, TellsOfNewDirectoriesOnly) {
  KnownNames names(1 << 20);
  EXPECT_FALSE(names.isAbsent(D1, "a")) << "nothing is known of it";
  names.add(D1, "a");
  EXPECT_FALSE(names.isAbsent(D1, "b"));
  names.begin(D1);
  EXPECT_TRUE(names.isAbsent(D1, "a"));
  names.add(D1, "a");
  EXPECT_FALSE(names.isAbsent(D1, "a"));
  EXPECT_TRUE(names.isAbsent(D1, "b"));
  EXPECT_FALSE(names.isAbsent(D2, "b")) << "another directory";
}

// Protects every name through all sizes that the table passes.
TEST(KnownNamesTest, NoNameIsLostWhileItGrows) {
  KnownNames names(64 << 20);
  names.begin(D1);
  std::mt19937_64 random(1);
  std::set<std::uint64_t> known;
  for (int i = 0; i < 50'000; ++i) {
    const std::uint64_t number = random() % 1'000'000;
    names.add(D1, nameOf(number));
    known.insert(number);
    if ((i & (i - 1)) != 0) continue;  // all of them at each power of two
    for (const auto one : known) ASSERT_FALSE(names.isAbsent(D1, nameOf(one))) << one;
  }
  for (const auto one : known) ASSERT_FALSE(names.isAbsent(D1, nameOf(one))) << one;
  // What it is for: nearly every other name is told absent.
  std::size_t absent = 0;
  for (std::uint64_t number = 1'000'000; number < 1'010'000; ++number) {
    if (names.isAbsent(D1, nameOf(number))) ++absent;
  }
  EXPECT_GE(absent, 9'990U);
}

// Protects memory, and that what was forgotten is not told absent.
TEST(KnownNamesTest, TheDirectoriesUsedLastAreKept) {
  KnownNames names(64 * sizeof(std::uint32_t));  // four directories of the smallest size
  for (std::uint64_t id = 1; id <= 4; ++id) {
    names.begin(InodeId(id));
    names.add(InodeId(id), "a");
  }
  EXPECT_TRUE(names.isAbsent(InodeId(1), "b"));  // used
  names.begin(InodeId(5));
  EXPECT_EQ(names.directories(), 4U);
  EXPECT_TRUE(names.isAbsent(InodeId(1), "b"));
  EXPECT_FALSE(names.isAbsent(InodeId(2), "b")) << "not used for the longest time: not known";
  names.add(InodeId(2), "c");
  EXPECT_FALSE(names.isAbsent(InodeId(2), "c"));
}

TEST(KnownNamesTest, ADirectoryThatIsTooLargeIsForgotten) {
  KnownNames names(64 * sizeof(std::uint32_t));
  names.begin(D1);
  for (std::uint64_t number = 0; number < 200; ++number) names.add(D1, nameOf(number));
  EXPECT_EQ(names.directories(), 0U);
  EXPECT_FALSE(names.isAbsent(D1, nameOf(0)));
  EXPECT_FALSE(names.isAbsent(D1, "other"));
}

TEST(KnownNamesTest, ANewDirectoryOfTheSameNumberBeginsAnew) {
  KnownNames names(1 << 20);
  names.begin(D1);
  names.add(D1, "a");
  names.begin(D1);
  EXPECT_TRUE(names.isAbsent(D1, "a"));
  EXPECT_EQ(names.directories(), 1U);
}

}  // namespace
}  // namespace cairn::nn
