#include <gtest/gtest.h>

#include "cairn/mr/conf.h"
#include "cairn/mr/counters.h"
#include "mapreduce/api/engine_conf.h"
#include "mapreduce/api/ids.h"
#include "tests/testkit/results.h"

namespace cairn::mr {
namespace {

JobConf confWith(std::string_view key, std::string_view value) {
  JobConf conf;
  conf.set(key, value);
  return conf;
}

// Hadoop's names and defaults; a value that makes no sense stops the job before it starts.
TEST(EngineConfTest, ChecksWhatItReads) {
  ASSERT_VALUE(const auto defaults, EngineConf::from({}));
  EXPECT_EQ(std::size_t{100} << 20, defaults.sortBufferBytes);
  EXPECT_EQ(Compression::NONE, defaults.mapOutputCompression);
  ASSERT_VALUE(const auto small, EngineConf::from(confWith("mapreduce.task.io.sort.mb", "1")));
  EXPECT_EQ(std::size_t{1} << 20, small.sortBufferBytes);
  for (const auto* value : {"0", "2048", "-1", "many", "", "10 "}) {
    EXPECT_CODE(Code::INVALID_ARGUMENT,
                EngineConf::from(confWith("mapreduce.task.io.sort.mb", value)))
        << value;
  }
  EXPECT_OK(EngineConf::from(confWith("mapreduce.task.timeout", "0")));
  for (const auto* key : {"mapreduce.task.timeout", "mapreduce.map.memory.mb"}) {
    EXPECT_CODE(Code::INVALID_ARGUMENT, EngineConf::from(confWith(key, "1G"))) << key;
  }
  auto compressed = confWith("mapreduce.map.output.compress", "true");
  ASSERT_VALUE(const auto zstd, EngineConf::from(compressed));
  EXPECT_EQ(Compression::ZSTD, zstd.mapOutputCompression);
  compressed.set("mapreduce.map.output.compress.codec", "org.apache.hadoop.io.compress.GzipCodec");
  EXPECT_CODE(Code::INVALID_ARGUMENT, EngineConf::from(compressed));
}

// What `hadoop job -status` prints, in its order: scripts take it apart.
TEST(CountersTest, PrintAsHadoopDoes) {
  CounterSet counters;
  counters.counter("app", "bad lines").add(2);
  counters.set(TaskCounter::MAP_OUTPUT_RECORDS, 5);
  counters.set(TaskCounter::MAP_INPUT_RECORDS, 3);
  EXPECT_EQ(
      "Counters: 3\n\tMap-Reduce Framework\n\t\tMap input records=3\n\t\tMap output records=5\n"
      "\tapp\n\t\tbad lines=2\n",
      formatCounters(counters));
  CounterSet more;
  more.set(TaskCounter::MAP_INPUT_RECORDS, 4);
  counters.merge(more);
  EXPECT_EQ(7, counters.value(TaskCounter::MAP_INPUT_RECORDS));
}

// Ids travel as text through wire, journal and scripts: exact, or refused.
TEST(IdsTest, RoundTripAndRefuse) {
  const AttemptId attempt{{{1700000000000, 12}, TaskKind::REDUCE, 3}, 1};
  EXPECT_EQ("attempt_1700000000000_0012_r_000003_1", attempt.toString());
  ASSERT_VALUE(const auto parsed, AttemptId::parse(attempt.toString()));
  EXPECT_EQ(attempt, parsed);
  for (const auto* wrong :
       {"", "attempt_", "attempt_1_0001_x_000000_0", "attempt_1_001_m_000000_0",
        "attempt_1_0001_m_000000_0 ", "attempt_1_0001_m_000000_", "attempt_1_0001_m_0000000_0",
        "attempt_-1_0001_m_000000_0", "attempt_1_99999999999_m_000000_0"}) {
    EXPECT_CODE(Code::INVALID_ARGUMENT, AttemptId::parse(wrong)) << wrong;
  }
  EXPECT_EQ("part-r-00003", partName(TaskKind::REDUCE, 3));
}

}  // namespace
}  // namespace cairn::mr
