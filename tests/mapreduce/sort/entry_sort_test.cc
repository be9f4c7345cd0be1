#include "mapreduce/sort/entry_sort.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "common/io/random.h"

namespace cairn::mr {
namespace {

class NoSpills final : public RecordBuffer::Spiller {
public:
  bool spill(RecordBuffer&) override {
    ADD_FAILURE() << "the buffer was meant to be large enough";
    return false;
  }
};

struct Record {
  std::uint32_t partition;
  std::string key;
  std::string value;  // its number, in order of adding
  bool operator==(const Record&) const = default;
};

// Sorts them in a RecordBuffer, and by std::sort as what they mean, and compares.
void expectSorted(const std::vector<Record>& records, std::uint32_t partitions) {
  NoSpills spiller;
  RecordBuffer buffer(64 << 20, spiller);
  for (const auto& record : records) {
    auto* const header = buffer.add(record.key, record.value.size(), record.partition);
    ASSERT_NE(nullptr, header);
    std::copy(record.value.begin(), record.value.end(), header->value());
  }
  sortEntries(buffer, partitions);
  std::vector<Record> got;
  for (const auto& entry : buffer.entries()) {
    const auto* const record = buffer.record(entry.at);
    got.push_back(
        {entry.partition, std::string(record->keyView()), std::string(record->valueView())});
  }
  auto expected = records;
  std::ranges::sort(expected, [](const Record& a, const Record& b) {
    return std::tuple(a.partition, std::string_view(a.key), std::stoul(a.value)) <
           std::tuple(b.partition, std::string_view(b.key), std::stoul(b.value));
  });
  ASSERT_TRUE(expected == got);
}

template <typename KeyOf>
std::vector<Record> make(std::size_t count, std::uint32_t partitions, io::Random& random,
                         KeyOf keyOf) {
  std::vector<Record> records;
  for (std::size_t i = 0; i < count; ++i) {
    records.push_back(
        {static_cast<std::uint32_t>(random.below(partitions)), keyOf(), std::to_string(i)});
  }
  return records;
}

std::string bytes(io::Random& random, std::size_t length, std::uint64_t alphabet) {
  std::string text(length, '\0');
  for (auto& c : text) c = static_cast<char>(random.below(alphabet));
  return text;
}

// Order by partition, key bytes, age: the contract that grouping, merging and repeatable results
// stand on. Keys of every length round the eight bytes of a prefix, NULs and 0xff among them.
TEST(EntrySortTest, AgreesWithTheModel) {
  io::Random random(1);
  for (const std::uint64_t alphabet : {2, 3, 26, 256}) {
    for (const std::size_t longest : {1, 3, 8, 9, 16, 17, 40}) {
      expectSorted(
          make(3000, 3, random, [&] { return bytes(random, random.below(longest + 1), alphabet); }),
          3);
    }
  }
}

// Long common prefixes (URLs, paths): every byte position must be reached, past the bound up to
// which digits are counted.
TEST(EntrySortTest, KeysThatDifferOnlyFarBehind) {
  io::Random random(2);
  for (const std::size_t common : {7, 8, 9, 64, 127, 128, 129, 300}) {
    const std::string prefix(common, 'p');
    expectSorted(make(500, 1, random, [&] { return prefix + bytes(random, random.below(4), 3); }),
                 1);
  }
}

// Keys that are prefixes of each other, with the NULs that pad a short key's prefix as real bytes.
TEST(EntrySortTest, ShortKeysAgainstNuls) {
  io::Random random(3);
  expectSorted(make(2000, 1, random, [&] { return std::string(random.below(20), '\0'); }), 1);
  expectSorted(make(2000, 2, random,
                    [&] {
                      return "ab" + std::string(random.below(12), '\0') +
                             (random.chance(0.5) ? "x" : "");
                    }),
               2);
}

// One key, a million times over and many: equal keys stay in order of age (secondary sorts need
// it).
TEST(EntrySortTest, EqualKeysKeepTheirOrder) {
  io::Random random(4);
  expectSorted(make(20000, 1, random, [] { return std::string("same"); }), 1);
  expectSorted(make(20000, 1, random, [] { return std::string(200, 's'); }), 1);
  expectSorted(make(20000, 5, random, [&] { return std::to_string(random.below(7)); }), 5);
}

// Buckets of none, one and many records; more partitions than records.
TEST(EntrySortTest, PartitionsOfAllSizes) {
  io::Random random(5);
  expectSorted({}, 4);
  expectSorted({{2, "k", "0"}}, 4);
  expectSorted(make(100, 1000, random, [&] { return bytes(random, 3, 256); }), 1000);
}

}  // namespace
}  // namespace cairn::mr
