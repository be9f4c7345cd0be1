#include "mapreduce/shuffle/map_output.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "common/io/random.h"
#include "tests/mapreduce/shuffle/fixture.h"

namespace cairn::mr {
namespace {

constexpr std::uint32_t PARTITIONS = 3;

std::vector<Emitted> samples(std::size_t count, std::uint64_t keys, std::uint64_t seed) {
  io::Random random(seed);
  std::vector<Emitted> records;
  for (std::size_t i = 0; i < count; ++i) {
    const auto key = random.below(keys);
    records.push_back({static_cast<std::uint32_t>(key % PARTITIONS), "k" + std::to_string(key),
                       std::to_string(i)});
  }
  return records;
}

std::size_t filesIn(const std::string& directory) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(directory)) {
    ++count;
  }
  return count;
}

// However little memory there is, and however many passes the merge takes: the same records in the
// same order, equal keys as emitted, nothing left but the one file.
TEST(MapOutputTest, SpillsAndMergesDoNotShow) {
  const auto records = samples(20000, 500, 1);
  for (const std::size_t bufferBytes : {4096, 65536, 16 << 20}) {
    for (const std::uint32_t fanIn : {2, 3, 256}) {
      for (const auto compression : {Compression::NONE, Compression::ZSTD}) {
        const testkit::ScratchDir scratch;
        EngineConf conf;
        conf.mergeFanIn = fanIn;
        conf.mapOutputCompression = compression;
        std::size_t spills = 0;
        CopyTotals totals;
        ASSERT_VALUE(const auto file, writeMapOutput(scratch.path(), records, PARTITIONS, conf,
                                                     bufferBytes, nullptr, &totals, &spills));
        if (bufferBytes == 4096) {
          EXPECT_GT(spills, 100u);
          EXPECT_GT(totals.written, records.size()) << "runs and merges count";
        } else if (bufferBytes > 1 << 20) {
          EXPECT_EQ(1u, spills);
          EXPECT_EQ(records.size(), totals.written) << "one run needs no merge";
        }
        for (std::uint32_t p = 0; p < PARTITIONS; ++p) {
          ASSERT_VALUE(const auto got, readPartition(file, p));
          ASSERT_TRUE(expectedOf(records, p) == got) << bufferBytes << " " << fanIn;
        }
        EXPECT_EQ(1u, filesIn(scratch.path()));
      }
    }
  }
}

// A map that emits nothing has an output all the same: an empty file, no segments.
TEST(MapOutputTest, NoRecords) {
  const testkit::ScratchDir scratch;
  ASSERT_VALUE(const auto file, writeMapOutput(scratch.path(), {}, 2, {}, 4096));
  EXPECT_EQ(0u, file.index.fileBytes);
  ASSERT_EQ(2u, file.index.partitions.size());
  EXPECT_EQ(0u, file.index.partitions[0].lengthBytes);
  EXPECT_EQ("", testkit::readFile(file.path));
}

// A record larger than the buffer goes through, between ordinary ones.
TEST(MapOutputTest, GiantRecords) {
  std::vector<Emitted> records = samples(100, 10, 2);
  records.push_back({1, std::string(100'000, 'k'), std::string(300'000, 'v')});
  records.push_back({1, "small", "after"});
  records.push_back({2, "giant value", std::string(1 << 20, 'w')});
  const testkit::ScratchDir scratch;
  ASSERT_VALUE(const auto file, writeMapOutput(scratch.path(), records, PARTITIONS, {}, 8192));
  for (std::uint32_t p = 0; p < PARTITIONS; ++p) {
    ASSERT_VALUE(const auto got, readPartition(file, p));
    ASSERT_TRUE(expectedOf(records, p) == got);
  }
}

// Adds decimal values; checks what it is called with.
class Adder final : public GroupCombiner {
public:
  explicit Adder(std::size_t readAtMost = SIZE_MAX) : readAtMost_(readAtMost) {}
  void combine(std::string_view key, ValueBatches& values, Out& out) override {
    EXPECT_FALSE(key.empty());
    std::uint64_t sum = 0;
    std::size_t read = 0;
    for (std::string_view value; read < readAtMost_ && values.nextValue(value); ++read) {
      sum += std::stoull(std::string(value));
    }
    EXPECT_TRUE(read >= 2 || readAtMost_ < 2) << "groups of one are not combined";
    out.value(std::to_string(sum));
  }

private:
  std::size_t readAtMost_;
};

// Combining may happen any number of times, on the way; the sums must be those of a job without,
// and no key may come twice from a single merge.
TEST(MapOutputTest, CombiningKeepsTheSums) {
  auto records = samples(30000, 300, 3);
  std::map<std::string, std::uint64_t> expected;
  for (const auto& record : records) expected[record.key] += std::stoull(record.value);
  for (const std::size_t bufferBytes : {4096, 1 << 20}) {
    for (const std::uint32_t fanIn : {2, 256}) {
      const testkit::ScratchDir scratch;
      EngineConf conf;
      conf.mergeFanIn = fanIn;
      Adder adder;
      CopyTotals totals;
      ASSERT_VALUE(const auto file, writeMapOutput(scratch.path(), records, PARTITIONS, conf,
                                                   bufferBytes, &adder, &totals));
      std::map<std::string, std::uint64_t> got;
      std::uint64_t read = 0;
      for (std::uint32_t p = 0; p < PARTITIONS; ++p) {
        ASSERT_VALUE(const auto pairs, readPartition(file, p));
        for (const auto& [key, value] : pairs) got[key] += std::stoull(value);
        read += pairs.size();
      }
      EXPECT_EQ(expected, got);
      EXPECT_EQ(expected.size(), read) << "one record a key";
      EXPECT_GT(totals.combineInput, totals.combineOutput);
    }
  }
}

// A combiner that leaves values unread loses them (that is its choice), but not the next key's.
TEST(MapOutputTest, ACombinerMayStopEarly) {
  std::vector<Emitted> records;
  for (int i = 0; i < 200; ++i) records.push_back({0, "a", "1"});
  records.push_back({0, "b", "5"});
  const testkit::ScratchDir scratch;
  Adder adder(1);
  ASSERT_VALUE(const auto file, writeMapOutput(scratch.path(), records, 1, {}, 1 << 20, &adder));
  ASSERT_VALUE(const auto got, readPartition(file, 0));
  EXPECT_EQ((std::vector<Pair>{{"a", "1"}, {"b", "5"}}), got);
}

// No place for runs: an error with the reason, and emits that stop.
TEST(MapOutputTest, AMissingDirectoryIsReported) {
  const auto file = writeMapOutput("/nonexistent", samples(1000, 10, 4), PARTITIONS, {}, 4096);
  EXPECT_CODE(Code::NOT_FOUND, file);
}

// A tick that wants to stop (the attempt was cancelled) ends the merge with its error.
TEST(MapOutputTest, TheTickCanStopAMerge) {
  const testkit::ScratchDir scratch;
  int ticks = 0;
  MapOutput output(scratch.path(), 1, {}, nullptr, [&]() -> Result<void> {
    if (++ticks > 2) return fail(Code::CANCELLED, "enough");
    return {};
  });
  RecordBuffer buffer(1 << 16, output);
  for (int i = 0; i < 200'000 && !buffer.failed(); ++i) buffer.add(std::to_string(i), 0, 0);
  buffer.spill();
  EXPECT_CODE(Code::CANCELLED, output.finish());
}

}  // namespace
}  // namespace cairn::mr
