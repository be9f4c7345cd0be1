#include "mapreduce/shuffle/shuffled_segments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "cairn/mr/groups.h"
#include "common/io/random.h"
#include "tests/mapreduce/shuffle/fixture.h"

namespace cairn::mr {
namespace {

// The outputs of some maps, for one reduce.
class Maps {
public:
  explicit Maps(std::uint32_t count, std::size_t recordsEach = 300) {
    io::Random random(count);
    for (std::uint32_t map = 0; map < count; ++map) {
      std::vector<Emitted> records;
      // Every fifth map has nothing for this reduce.
      for (std::size_t i = 0; map % 5 != 4 && i < recordsEach; ++i) {
        records.push_back({0, "k" + std::to_string(random.below(50)),
                           std::to_string(map) + "." + std::to_string(i)});
      }
      all_.insert(all_.end(), records.begin(), records.end());
      const auto directory = scratch_ / std::to_string(map);
      std::filesystem::create_directory(directory);
      auto file = writeMapOutput(directory, records, 1, {}, 1 << 20);
      EXPECT_OK(file);
      files_.push_back(std::move(*file));
    }
    std::filesystem::create_directory(scratch_ / "reduce");
  }

  std::uint32_t count() const { return static_cast<std::uint32_t>(files_.size()); }
  const MapOutput::File& file(std::uint32_t map) const { return files_[map]; }
  std::string reduceDirectory() const { return scratch_ / "reduce"; }
  // In the order in which a reduce must see them.
  std::vector<Pair> expected() const { return expectedOf(all_, 0); }
  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const auto& file : files_) sum += file.index.fileBytes;
    return sum;
  }

  FetchedSegment segment(std::uint32_t map, bool byDescriptor) const {
    FetchedSegment segment;
    segment.mapIndex = map;
    segment.place = files_[map].index.partitions[0];
    if (segment.place.lengthBytes == 0) return segment;
    if (byDescriptor) {
      auto fd = openLocalFile(files_[map].path);
      EXPECT_OK(fd);
      segment.body = FetchedSegment::InFile{std::move(*fd)};
    } else {
      const auto text = testkit::readFile(files_[map].path);
      const auto bytes = asBytes(text);
      segment.body = ByteVector(bytes.begin(), bytes.end());
    }
    return segment;
  }

private:
  testkit::ScratchDir scratch_;
  std::vector<MapOutput::File> files_;
  std::vector<Emitted> all_;
};

// Whatever the order of arrival, the way (bytes, descriptors), the memory and the fan-in: all
// records once, by key, those of a key by map and then as emitted. Runs that repeat give equal
// outputs.
TEST(ShuffledSegmentsTest, ArrivalMemoryAndWayDoNotShow) {
  const Maps maps(23);
  io::Random random(9);
  for (const std::size_t memory : {1, 20'000, 1 << 28}) {
    for (const std::uint32_t fanIn : {2, 5, 256}) {
      for (const int way : {0, 1, 2}) {
        EngineConf conf;
        conf.shuffleMemoryBytes = memory;
        conf.mergeFanIn = fanIn;
        ShuffledSegments segments(maps.reduceDirectory(), conf);
        std::vector<std::uint32_t> order(maps.count());
        for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
        random.shuffle(order);
        for (const auto map : order) {
          const bool byDescriptor = way == 2 ? map % 2 == 0 : way == 1;
          ASSERT_OK(segments.add(maps.segment(map, byDescriptor)));
        }
        EXPECT_EQ(maps.count(), segments.segments());
        EXPECT_EQ(maps.bytes(), segments.shuffledBytes());
        ASSERT_VALUE(auto merged, segments.merge(noTick));
        ASSERT_VALUE(const auto got, drain(*merged));
        ASSERT_TRUE(maps.expected() == got) << memory << " " << fanIn << " " << way;
        if (memory == 1 && way == 0) EXPECT_GT(segments.spilledRecords(), 0u);
        if (memory > 1 << 20) EXPECT_EQ(0u, segments.spilledRecords());
      }
    }
  }
}

// A damaged segment is refused, in memory and behind a descriptor, and the good one that comes in
// its place later is taken as if nothing had been.
TEST(ShuffledSegmentsTest, ADamagedSegmentIsRefusedAndReplaced) {
  const Maps maps(3);
  for (const bool byDescriptor : {false, true}) {
    for (const std::size_t memory : {1, 1 << 28}) {
      EngineConf conf;
      conf.shuffleMemoryBytes = memory;
      ShuffledSegments segments(maps.reduceDirectory(), conf);
      ASSERT_OK(segments.add(maps.segment(0, byDescriptor)));
      auto damaged = maps.segment(1, byDescriptor);
      if (byDescriptor) {
        damaged.place.crc32c ^= 1;
      } else {
        std::get<ByteVector>(damaged.body)[100] ^= std::byte{4};
      }
      EXPECT_CODE(Code::CORRUPT, segments.add(std::move(damaged)));
      EXPECT_EQ(1u, segments.segments());
      ASSERT_OK(segments.add(maps.segment(2, byDescriptor)));
      ASSERT_OK(segments.add(maps.segment(1, byDescriptor)));
      ASSERT_VALUE(auto merged, segments.merge(noTick));
      ASSERT_VALUE(const auto got, drain(*merged));
      EXPECT_TRUE(maps.expected() == got);
    }
  }
}

// More bytes than the index says are not the map's output either.
TEST(ShuffledSegmentsTest, AWrongLengthIsDamage) {
  const Maps maps(1);
  ShuffledSegments segments(maps.reduceDirectory(), {});
  auto longer = maps.segment(0, false);
  std::get<ByteVector>(longer.body).push_back(std::byte{0});
  EXPECT_CODE(Code::CORRUPT, segments.add(std::move(longer)));
  auto shorter = maps.segment(0, true);
  shorter.place.offset += 1;
  EXPECT_CODE(Code::CORRUPT, segments.add(std::move(shorter)));
}

// More map outputs on this host than a process may hold open, none of which fits in memory.
TEST(ShuffledSegmentsTest, MoreFilesThanDescriptors) {
  const Maps maps(400, 2);
  EngineConf conf;
  conf.shuffleMemoryBytes = 1;
  ShuffledSegments segments(maps.reduceDirectory(), conf);
  for (std::uint32_t map = 0; map < maps.count(); ++map) {
    ASSERT_OK(segments.add(maps.segment(map, true)));
  }
  std::size_t open = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++open;
  }
  EXPECT_LT(open, 300u);
  ASSERT_VALUE(auto merged, segments.merge(noTick));
  ASSERT_VALUE(const auto got, drain(*merged));
  EXPECT_TRUE(maps.expected() == got);
}

// A file that cannot be read at all is the map's loss, not the reduce's: others would fail on it,
// too.
TEST(ShuffledSegmentsTest, AnUnreadableFileIsDamage) {
  const Maps maps(1);
  for (const std::size_t memory : {1, 1 << 28}) {
    EngineConf conf;
    conf.shuffleMemoryBytes = memory;
    ShuffledSegments segments(maps.reduceDirectory(), conf);
    auto segment = maps.segment(0, true);
    ASSERT_VALUE(auto directory, openLocalFile(maps.reduceDirectory()));  // reading it: EISDIR
    segment.body = FetchedSegment::InFile{std::move(directory)};
    EXPECT_CODE(Code::CORRUPT, segments.add(std::move(segment)));
  }
}

// A length that a peer made up is refused without an attempt to take that much memory.
TEST(ShuffledSegmentsTest, ALengthFromNowhere) {
  const Maps maps(1);
  ShuffledSegments segments(maps.reduceDirectory(), {});
  auto segment = maps.segment(0, true);
  segment.place.lengthBytes = ~std::uint64_t{0} - 5;
  EXPECT_CODE(Code::CORRUPT, segments.add(std::move(segment)));
}

// A reduce without any input runs, and gives nothing.
TEST(ShuffledSegmentsTest, NothingAtAll) {
  const testkit::ScratchDir scratch;
  ShuffledSegments segments(scratch.path(), {});
  ASSERT_VALUE(auto merged, segments.merge(noTick));
  EXPECT_FALSE(merged->next());
  EXPECT_FALSE(merged->failure());
}

// Groups: each key once, values that a reducer does not read are passed over, and counted.
TEST(GroupsTest, UnreadValuesArePassed) {
  const Maps maps(7);
  const auto expected = maps.expected();
  for (const std::size_t read : {0, 1, 3, 1000}) {
    ShuffledSegments segments(maps.reduceDirectory(), {});
    for (std::uint32_t map = 0; map < maps.count(); ++map) {
      ASSERT_OK(segments.add(maps.segment(map, true)));
    }
    ASSERT_VALUE(auto merged, segments.merge(noTick));
    Groups groups(*merged);
    std::vector<Pair> got;
    std::vector<std::string> keys;
    while (groups.nextGroup()) {
      keys.emplace_back(groups.key());
      std::string_view value;
      for (std::size_t i = 0; i < read && groups.nextValue(value); ++i) {
        got.emplace_back(groups.key(), value);
      }
    }
    EXPECT_EQ(50u, keys.size());
    EXPECT_TRUE(std::ranges::is_sorted(keys));
    EXPECT_EQ(expected.size(), groups.records());
    if (read == 1000) EXPECT_TRUE(expected == got);
    if (read == 1) EXPECT_EQ(50u, got.size());
  }
}

}  // namespace
}  // namespace cairn::mr
