#include "cairn/mr/emit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "cairn/mr/combine.h"
#include "common/io/random.h"

namespace cairn::mr {
namespace {

using Sums = std::map<std::string, std::uint64_t>;

// Adds up what is spilled, and checks that records are where the partitioner puts them.
class SummingSpiller final : public RecordBuffer::Spiller {
public:
  explicit SummingSpiller(std::uint32_t partitions) : partitions_(partitions) {}

  bool spill(RecordBuffer& buffer) override {
    ++spills;
    Sums here;
    for (const auto& entry : buffer.entries()) {
      const auto* const record = buffer.record(entry.at);
      const std::string key(record->keyView());
      EXPECT_EQ(RecordBuffer::prefixOf(key), entry.prefix);
      EXPECT_EQ(partitionOfHash(hashBytes(key), partitions_), entry.partition);
      sums[key] += ValueCodec<std::uint64_t>::decode(record->valueView());
      ++records;
      ++here[key];
    }
    for (const auto& [key, count] : here) mostOfOneKey = std::max(mostOfOneKey, count);
    return !broken;
  }

  Sums sums;
  std::uint64_t spills = 0;
  std::uint64_t records = 0;
  std::uint64_t mostOfOneKey = 0;
  bool broken = false;

private:
  std::uint32_t partitions_;
};

using Fold = FoldEmit<std::string_view, std::uint64_t, HashPartition, Sum>;
constexpr std::uint32_t PARTITIONS = 4;

struct FoldCase {
  std::uint64_t keys;
  std::size_t bufferBytes;
};

// Folding on emit must give the same sums as adding, whatever the memory: few keys, more keys than
// fit, all keys new (folding gives up and later tries again), keys of every length.
TEST(FoldEmitTest, SumsAreThoseOfTheModel) {
  for (const FoldCase c : {FoldCase{10, 1 << 20},
                           {3000, 1 << 16},
                           {3000, 1 << 13},
                           {1'000'000, 1 << 16},
                           {100'000, 1 << 24}}) {
    io::Random random(c.keys);
    SummingSpiller spiller(PARTITIONS);
    RecordBuffer buffer(c.bufferBytes, spiller);
    MapTotals totals;
    Fold out(buffer, PARTITIONS, totals);
    Sums expected;
    std::uint64_t bytes = 0;
    constexpr std::uint64_t EMITS = 60'000;
    for (std::uint64_t i = 0; i < EMITS; ++i) {
      // Half way the input changes its nature: a table that gave up must notice.
      const auto number = random.below(i < EMITS / 2 ? c.keys : 20);
      std::string key = std::to_string(number);
      key.append(number % 60, 'x');
      const auto value = random.below(1000);
      out(key, value);
      expected[key] += value;
      bytes += key.size() + ValueCodec<std::uint64_t>::size(value);
    }
    out.finish();
    buffer.spill();
    EXPECT_TRUE(expected == spiller.sums) << c.keys << " " << c.bufferBytes;
    EXPECT_EQ(EMITS, totals.outputRecords);
    EXPECT_EQ(bytes, totals.outputBytes);
    // What folding did not take in went out one by one.
    EXPECT_EQ(spiller.records, EMITS - totals.combineInputRecords + totals.combineOutputRecords);
    if (c.keys == 10) {
      EXPECT_EQ(1u, spiller.mostOfOneKey);
      EXPECT_EQ(1u, spiller.spills);
    }
  }
}

// A key larger than the buffer, among ordinary ones.
TEST(FoldEmitTest, GiantKeys) {
  SummingSpiller spiller(PARTITIONS);
  RecordBuffer buffer(1 << 13, spiller);
  MapTotals totals;
  Fold out(buffer, PARTITIONS, totals);
  Sums expected;
  for (int i = 0; i < 300; ++i) {
    const std::string key = i % 100 == 50 ? std::string(20'000, 'g') : "k" + std::to_string(i % 9);
    out(key, 1);
    ++expected[key];
  }
  out.finish();
  buffer.spill();
  EXPECT_TRUE(expected == spiller.sums);
}

// Emits after a failed spill do nothing, for ever: the engine ends the task.
TEST(FoldEmitTest, AFailedSpillEndsIt) {
  SummingSpiller spiller(PARTITIONS);
  spiller.broken = true;
  RecordBuffer buffer(1 << 13, spiller);
  MapTotals totals;
  Fold out(buffer, PARTITIONS, totals);
  for (int i = 0; i < 10'000; ++i) out("key" + std::to_string(i), 1);
  out.finish();
  EXPECT_TRUE(buffer.failed());
  EXPECT_FALSE(buffer.spill());
  EXPECT_EQ(1u, spiller.spills);
}

// Min and Max as combiners: not only sums fold.
TEST(FoldEmitTest, MinAndMax) {
  SummingSpiller spiller(1);
  RecordBuffer buffer(1 << 16, spiller);
  MapTotals totals;
  FoldEmit<std::string_view, std::uint64_t, HashPartition, Max> out(buffer, 1, totals);
  for (const std::uint64_t v : {3, 9, 1}) out("max", v);
  out.finish();
  buffer.spill();
  EXPECT_EQ((Sums{{"max", 9}}), spiller.sums);
}

// A key or value of more than 1 GiB does not fit the format: refused with the reason.
TEST(RecordBufferTest, PartsAreBounded) {
  SummingSpiller spiller(1);
  RecordBuffer buffer(1 << 16, spiller);
  EXPECT_EQ(nullptr, buffer.add("k", RECORD_PART_BYTES_MAX + 1, 0));
  EXPECT_TRUE(buffer.failed());
  EXPECT_NE(nullptr, buffer.failure());
}

// The prefix orders like the key's bytes: every length up to and beyond eight.
TEST(RecordBufferTest, PrefixesOrderLikeKeys) {
  io::Random random(3);
  std::vector<std::string> keys;
  for (int i = 0; i < 2000; ++i) {
    std::string key(random.below(12), '\0');
    for (auto& c : key) c = static_cast<char>(random.below(3) * 127);
    keys.push_back(std::move(key));
  }
  for (std::size_t i = 1; i < keys.size(); ++i) {
    const auto a = RecordBuffer::prefixOf(keys[i - 1]);
    const auto b = RecordBuffer::prefixOf(keys[i]);
    if (a < b) EXPECT_LT(keys[i - 1], keys[i]);
    if (a > b) EXPECT_GT(keys[i - 1], keys[i]);
  }
}

}  // namespace
}  // namespace cairn::mr
