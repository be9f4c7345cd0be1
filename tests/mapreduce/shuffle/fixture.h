// What the tests of segments share: records, a map's output written from them, and read back.
// Layer: tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "mapreduce/shuffle/local_file.h"
#include "mapreduce/shuffle/map_output.h"
#include "mapreduce/shuffle/merge.h"
#include "tests/testkit/results.h"
#include "tests/testkit/scratch.h"

namespace cairn::mr {

using Pair = std::pair<std::string, std::string>;  // key, value

struct Emitted {
  std::uint32_t partition = 0;
  std::string key;
  std::string value;
};

inline Result<void> noTick() { return {}; }

// Puts `records` through a buffer of `bufferBytes` into a map output file in `directory`.
inline Result<MapOutput::File> writeMapOutput(
    const std::string& directory, const std::vector<Emitted>& records, std::uint32_t partitions,
    const EngineConf& conf, std::size_t bufferBytes, GroupCombiner* combiner = nullptr,
    CopyTotals* totals = nullptr, std::size_t* spills = nullptr) {
  MapOutput output(directory, partitions, conf, combiner, noTick);
  {
    RecordBuffer buffer(bufferBytes, output);
    for (const auto& record : records) {
      auto* const header = buffer.add(record.key, record.value.size(), record.partition);
      if (header == nullptr) break;
      std::copy(record.value.begin(), record.value.end(), header->value());
    }
    buffer.spill();
  }
  auto file = output.finish();
  if (totals != nullptr) *totals = output.totals();
  if (spills != nullptr) *spills = output.spills();
  return file;
}

// All records of a cursor or a merge.
template <typename Records>
Result<std::vector<Pair>> drain(Records& records) {
  std::vector<Pair> all;
  while (records.next()) all.emplace_back(records.key(), records.value());
  if (records.failure()) return fail(*records.failure());
  return all;
}

inline Result<std::vector<Pair>> readPartition(const MapOutput::File& file,
                                               std::uint32_t partition) {
  ASSIGN(const auto fd, openLocalFile(file.path));
  SegmentCursor cursor(fd.get(), file.index.partitions.at(partition));
  return drain(cursor);
}

// The records of one partition, by key, then as emitted.
inline std::vector<Pair> expectedOf(const std::vector<Emitted>& records, std::uint32_t partition) {
  std::vector<std::tuple<std::string, std::size_t, std::string>> sorted;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i].partition == partition) {
      sorted.emplace_back(records[i].key, i, records[i].value);
    }
  }
  std::ranges::sort(sorted);
  std::vector<Pair> pairs;
  for (auto& [key, number, value] : sorted) pairs.emplace_back(key, value);
  return pairs;
}

}  // namespace cairn::mr
