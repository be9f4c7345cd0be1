#include "common/metrics/metrics.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace cairn::metrics {
namespace {

std::string linesWith(const std::string& text, const std::string& part) {
  std::string found;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    if (line.find(part) != std::string::npos) found += line + "\n";
    at = end + 1;
  }
  return found;
}

// The text format to the letter: what scrapers parse. Families by name, HELP and TYPE once each.
TEST(MetricsTest, Exposition) {
  Registry registry;
  registry.counter("cairn_b_total", "Things done.", {{"op", "put"}}).add(3);
  registry.counter("cairn_b_total", "Things done.", {{"op", "get"}}).add();
  registry.gauge("cairn_a", "Depth of the queue.").set(-4);
  EXPECT_EQ(
      "# HELP cairn_a Depth of the queue.\n"
      "# TYPE cairn_a gauge\n"
      "cairn_a -4\n"
      "# HELP cairn_b_total Things done.\n"
      "# TYPE cairn_b_total counter\n"
      "cairn_b_total{op=\"put\"} 3\n"
      "cairn_b_total{op=\"get\"} 1\n",
      registry.exposition());
}

// A quote or newline in a label must not break the scrape of everything.
TEST(MetricsTest, Escapes) {
  Registry registry;
  registry.gauge("g", "Back\\slash,\nand a \"quote\".", {{"dir", "a\\b\"c\nd"}}).set(1);
  EXPECT_EQ(
      "# HELP g Back\\\\slash,\\nand a \"quote\".\n"
      "# TYPE g gauge\n"
      "g{dir=\"a\\\\b\\\"c\\nd\"} 1\n",
      registry.exposition());
}

// Same name and labels: the same number, wherever it is counted from.
TEST(MetricsTest, SameMetricTwice) {
  Registry registry;
  Counter& first = registry.counter("c", "Help.", {{"a", "1"}});
  Counter& second = registry.counter("c", "Help.", {{"a", "1"}});
  Counter& other = registry.counter("c", "Help.", {{"a", "2"}});
  EXPECT_EQ(&first, &second);
  EXPECT_NE(&first, &other);
}

// Bounds are inclusive, each twice the last; what is above all of them is counted too.
TEST(MetricsTest, HistogramBuckets) {
  Histogram histogram({.first = 10});
  const auto bucketOf = [&](std::uint64_t value) {
    Histogram one({.first = 10});
    one.observe(value);
    for (std::size_t i = 0; i <= Buckets::COUNT; ++i) {
      if (one.inBucket(i) == 1) return static_cast<int>(i);
    }
    return -1;
  };
  EXPECT_EQ(0, bucketOf(0));
  EXPECT_EQ(0, bucketOf(10));
  EXPECT_EQ(1, bucketOf(11));
  EXPECT_EQ(1, bucketOf(20));
  EXPECT_EQ(2, bucketOf(21));
  EXPECT_EQ(2, bucketOf(40));
  EXPECT_EQ(3, bucketOf(41));
  const std::uint64_t last = std::uint64_t{10} << (Buckets::COUNT - 1);
  EXPECT_EQ(static_cast<int>(Buckets::COUNT) - 1, bucketOf(last));
  EXPECT_EQ(static_cast<int>(Buckets::COUNT), bucketOf(last + 1));
  EXPECT_EQ(static_cast<int>(Buckets::COUNT), bucketOf(UINT64_MAX));
}

// Buckets are cumulative, end in +Inf, agree with the count, and show base units.
TEST(MetricsTest, HistogramExposition) {
  Registry registry;
  Histogram& histogram = registry.histogram("h_seconds", "Time.", LATENCY_MICROS, {{"op", "stat"}});
  histogram.observe(8);
  histogram.observe(9);
  histogram.observe(100'000'000);  // beyond the last bound
  const std::string text = registry.exposition();
  EXPECT_EQ("h_seconds_bucket{op=\"stat\",le=\"8e-06\"} 1\n", linesWith(text, "le=\"8e-06\""));
  EXPECT_EQ("h_seconds_bucket{op=\"stat\",le=\"1.6e-05\"} 2\n", linesWith(text, "le=\"1.6e-05\""));
  EXPECT_EQ("h_seconds_bucket{op=\"stat\",le=\"67.108864\"} 2\n",
            linesWith(text, "le=\"67.108864\""));
  EXPECT_EQ("h_seconds_bucket{op=\"stat\",le=\"+Inf\"} 3\n", linesWith(text, "+Inf"));
  EXPECT_EQ("h_seconds_count{op=\"stat\"} 3\n", linesWith(text, "_count"));
  EXPECT_EQ("h_seconds_sum{op=\"stat\"} 100.000017\n", linesWith(text, "_sum"));
  EXPECT_EQ("# TYPE h_seconds histogram\n", linesWith(text, "# TYPE"));
}

TEST(MetricsTest, Quantile) {
  Histogram histogram(COUNTS);
  EXPECT_EQ(0u, histogram.quantile(0.5));
  for (int i = 0; i < 90; ++i) histogram.observe(3);
  for (int i = 0; i < 10; ++i) histogram.observe(1000);
  EXPECT_EQ(4u, histogram.quantile(0.5));
  EXPECT_EQ(4u, histogram.quantile(0.9));
  EXPECT_EQ(1024u, histogram.quantile(0.99));
}

// Counting from several threads loses nothing.
TEST(MetricsTest, CountsFromThreads) {
  Registry registry;
  Counter& counter = registry.counter("c", "Help.");
  Histogram& histogram = registry.histogram("h", "Help.", COUNTS);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10000; ++i) {
        counter.add();
        histogram.observe(static_cast<std::uint64_t>(i));
      }
    });
  }
  threads.clear();
  EXPECT_EQ(40000u, counter.value());
  EXPECT_EQ(40000u, histogram.count());
  EXPECT_EQ(4u * 49995000u, histogram.sum());
}

// A metric that is declared wrongly stops the first start of the program, not the first scrape.
TEST(MetricsDeathTest, WrongDeclarationsAreBugs) {
  Registry registry;
  registry.counter("c", "Help.");
  EXPECT_DEATH(registry.gauge("c", "Help."), "metric 'c': is declared with two kinds");
  EXPECT_DEATH(registry.counter("c", "Other."), "metric 'c': is declared with two help texts");
  EXPECT_DEATH(registry.counter("d", ""), "metric 'd': has no help text");
  EXPECT_DEATH(registry.counter("1c", "Help."), "metric '1c': is no legal name");
  EXPECT_DEATH(registry.counter("e", "Help.", {{"le", "x"}}), "has an illegal label name");
}

}  // namespace
}  // namespace cairn::metrics
