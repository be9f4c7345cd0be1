// The inner loops of the engine, each alone. Bytes a second are of plain input or of records.
//   build/release/tests/bench/mapreduce/mapreduce_kernels_bench --benchmark_filter=Sort
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "cairn/mapreduce.h"
#include "common/io/random.h"
#include "mapreduce/shuffle/local_file.h"
#include "mapreduce/shuffle/map_output.h"
#include "mapreduce/shuffle/merge.h"
#include "mapreduce/sort/entry_sort.h"
#include "tests/testkit/sample.h"
#include "tests/testkit/scratch.h"

namespace cairn::mr {
namespace {

// Keys with a natural spread of frequencies, as text has them.
std::string text() { return testkit::sampleText(32 << 20); }

void Words(benchmark::State& state) {
  const auto input = text();
  std::size_t words = 0;
  for (auto _ : state) {
    forEachWord(input, [&](std::string_view word) { words += word.size(); });
  }
  benchmark::DoNotOptimize(words);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * input.size()));
}
BENCHMARK(Words)->Unit(benchmark::kMillisecond);

void Hash(benchmark::State& state) {
  const std::string key(static_cast<std::size_t>(state.range(0)), 'k');
  std::uint64_t sum = 0;
  for (auto _ : state) sum += hashBytes(key);
  benchmark::DoNotOptimize(sum);
}
BENCHMARK(Hash)->Arg(3)->Arg(7)->Arg(20)->Arg(100);

class EmptyingSpiller final : public RecordBuffer::Spiller {
public:
  bool spill(RecordBuffer&) override { return true; }
};

// Tokens through the fold table: the map side of word count.
void Fold(benchmark::State& state) {
  const auto input = text();
  for (auto _ : state) {
    EmptyingSpiller spiller;
    RecordBuffer buffer(std::size_t{100} << 20, spiller);
    MapTotals totals;
    FoldEmit<std::string_view, std::uint64_t, HashPartition, Sum> out(buffer, 2, totals);
    forEachWord(input, [&](std::string_view word) { out(word, 1); });
    out.finish();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * input.size()));
}
BENCHMARK(Fold)->Unit(benchmark::kMillisecond);

// A million records with random keys of so many bytes, the same prefix of so many in front.
void Sort(benchmark::State& state) {
  constexpr std::size_t RECORDS = 1'000'000;
  const std::string prefix(static_cast<std::size_t>(state.range(0)), 'p');
  io::Random random(1);
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < RECORDS; ++i) {
    std::string key = prefix + std::string(10, '\0');
    random.fill(std::as_writable_bytes(std::span(key).subspan(prefix.size())));
    keys.push_back(std::move(key));
  }
  EmptyingSpiller spiller;
  for (auto _ : state) {
    state.PauseTiming();
    RecordBuffer buffer(std::size_t{1} << 30, spiller);
    for (const auto& key : keys) buffer.add(key, 0, static_cast<std::uint32_t>(key.back() & 1));
    state.ResumeTiming();
    sortEntries(buffer, 2);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * RECORDS));
}
BENCHMARK(Sort)->Arg(0)->Arg(20)->Unit(benchmark::kMillisecond);

// A map's output of a million 100-byte records: sorted, written, and, with less memory, merged.
void MapOutputFile(benchmark::State& state) {
  constexpr std::size_t RECORDS = 1'000'000;
  io::Random random(2);
  std::vector<std::string> keys(RECORDS, std::string(10, '\0'));
  for (auto& key : keys) random.fill(std::as_writable_bytes(std::span(key)));
  const std::string value(90, 'v');
  EngineConf conf;
  if (state.range(1) != 0) conf.mapOutputCompression = Compression::ZSTD;
  for (auto _ : state) {
    const testkit::ScratchDir scratch;
    MapOutput output(scratch.path(), 2, conf, nullptr, []() -> Result<void> { return {}; });
    {
      RecordBuffer buffer(static_cast<std::size_t>(state.range(0)) << 20, output);
      for (const auto& key : keys) {
        auto* const record = buffer.add(key, value.size(), static_cast<std::uint32_t>(key[9] & 1));
        std::memcpy(record->value(), value.data(), value.size());
      }
      buffer.spill();
    }
    if (!output.finish().has_value()) std::abort();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * RECORDS * 100));
}
BENCHMARK(MapOutputFile)
    ->ArgNames({"MiB", "zstd"})
    ->Args({256, 0})
    ->Args({16, 0})
    ->Args({256, 1})
    ->Unit(benchmark::kMillisecond);

// So many sorted segments in memory, merged.
void Merge(benchmark::State& state) {
  const auto sources = static_cast<std::uint32_t>(state.range(0));
  constexpr std::size_t RECORDS = 1'000'000;
  const testkit::ScratchDir scratch;
  io::Random random(3);
  EngineConf conf;
  conf.sortBufferBytes = std::size_t{1} << 30;
  MapOutput output(scratch.path(), sources, conf, nullptr, []() -> Result<void> { return {}; });
  RecordBuffer buffer(conf.sortBufferBytes, output);
  std::string key(10, '\0');
  for (std::size_t i = 0; i < RECORDS; ++i) {
    random.fill(std::as_writable_bytes(std::span(key)));
    std::memset(buffer.add(key, 90, static_cast<std::uint32_t>(i % sources))->value(), 'v', 90);
  }
  buffer.spill();
  const auto file = output.finish();
  if (!file.has_value()) std::abort();
  const auto bytes = testkit::readFile(file->path);
  for (auto _ : state) {
    std::vector<std::unique_ptr<SegmentCursor>> cursors;
    for (const auto& place : file->index.partitions) {
      cursors.push_back(std::make_unique<SegmentCursor>(
          asBytes(bytes).subspan(place.offset, place.lengthBytes), place));
    }
    MergedRecords merged(std::move(cursors));
    std::size_t sum = 0;
    while (merged.next()) sum += merged.value().size();
    benchmark::DoNotOptimize(sum);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * RECORDS * 100));
}
BENCHMARK(Merge)->Arg(1)->Arg(8)->Arg(64)->Arg(256)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cairn::mr

BENCHMARK_MAIN();
