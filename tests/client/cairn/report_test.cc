// Benchmark reports. Protects: a missed goal is said, and the middle value counts.
#include "client/cairn/bench/report.h"

#include <gtest/gtest.h>

namespace cairn::app {
namespace {

TEST(BenchReportTest, SaysWhetherGoalsAreReached) {
  const Figure enough{
      .what = "a", .value = 60, .unit = "MB/s", .against = "b", .reference = 100, .goal = 0.6};
  EXPECT_TRUE(enough.reached());
  auto little = enough;
  little.value = 59;
  EXPECT_FALSE(little.reached());
  const Figure slow{.what = "start", .value = 501, .unit = "ms", .limit = 500};
  EXPECT_FALSE(slow.reached());
  const Figure few{.what = "reads", .value = 11'999, .unit = "/s", .least = 12'000};
  EXPECT_FALSE(few.reached());
  const BenchReport report{.name = "x", .figures = {enough, little, slow}};
  const auto table = report.table();
  EXPECT_NE(table.find("0.60"), std::string::npos) << table;
  EXPECT_NE(table.find("(missed)"), std::string::npos) << table;
  EXPECT_NE(report.json().find("\"reached\": false"), std::string::npos) << report.json();
}

TEST(BenchReportTest, MedianIsTheMiddleOne) {
  EXPECT_EQ(median({3}), 3);
  EXPECT_EQ(median({9, 1, 5}), 5);
  EXPECT_EQ(median({4, 2, 3, 1}), 2);
}

}  // namespace
}  // namespace cairn::app
