// The order of rows in RocksDB's memory: a row in the wrong place is a file that is not found, or
// one of yesterday.
#include "namenode/meta/finger_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/base/bytes.h"

namespace cairn::nn {
namespace {

std::string keyOf(std::string_view row, std::uint64_t age) {
  std::string bytes(row);
  bytes.resize(row.size() + EntryKey::AGE_BYTES);
  storeLittle(bytes.data() + row.size(), age);
  return bytes;
}

// A list and the memory of its nodes.
class Rows {
public:
  void insert(std::string_view row, std::uint64_t age) {
    const std::string key = keyOf(row, age);
    std::string entry;
    std::size_t length = key.size();
    for (; length >= 0x80; length >>= 7) entry += static_cast<char>(length | 0x80);
    entry += static_cast<char>(length);
    entry += key + "a value";
    const int height = list.chooseHeight();
    auto* const node =
        FingerList::makeNode(take(FingerList::nodeBytes(height, entry.size())), height);
    std::ranges::copy(entry, node->entry());
    list.insert(node);
  }

private:
  void* take(std::size_t bytes) {
    memory_.push_back(std::make_unique<std::uint64_t[]>((bytes + 7) / 8));
    return memory_.back().get();
  }
  std::vector<std::unique_ptr<std::uint64_t[]>> memory_;

public:
  FingerList list{take(FingerList::HEAD_BYTES)};
};

// In the list's order.
struct Known {
  std::string row;
  std::uint64_t age;
  bool operator<(const Known& other) const {
    return row != other.row ? row < other.row : age > other.age;
  }
};

void expectAt(const FingerList::Node* node, const std::set<Known>& known,
              std::set<Known>::const_iterator wanted) {
  ASSERT_EQ(node == nullptr, wanted == known.end());
  if (node == nullptr) return;
  EXPECT_EQ(node->key().row, wanted->row);
  EXPECT_EQ(node->key().age, wanted->age);
}

// Protects the order, and what look-ups find, whatever comes after what.
TEST(FingerListTest, HoldsWhatWasInsertedInOrder) {
  for (const unsigned seed : {1, 2, 3, 4, 5}) {
    std::mt19937_64 random(seed);
    Rows rows;
    std::set<Known> known;
    std::uint64_t at = 0;
    for (int i = 0; i < 3000; ++i) {
      // Runs upward and downward, jumps, new versions of old rows, prefixes of one another, and
      // lengths that take two bytes.
      if (random() % 20 == 0) at = random() % 5000;
      at += random() % 8 == 0 ? -1 : 1;
      std::string row = std::to_string(10'000 + at % 5000);
      if (random() % 10 == 0) row += std::string(random() % 300, 'x');
      const Known entry{row, static_cast<std::uint64_t>(i)};
      rows.insert(entry.row, entry.age);
      known.insert(entry);
    }
    const auto* node = rows.list.first();
    for (const auto& one : known) {
      ASSERT_NE(node, nullptr);
      ASSERT_EQ(node->key().row, one.row);
      ASSERT_EQ(node->key().age, one.age);
      node = node->next();
    }
    EXPECT_EQ(node, nullptr);
    expectAt(rows.list.last(), known, std::prev(known.end()));
    for (int i = 0; i < 3000; ++i) {
      const Known wanted{std::to_string(10'000 + random() % 5100), random() % 3100};
      const auto found = known.lower_bound(wanted);
      const EntryKey key{wanted.row, wanted.age};
      expectAt(rows.list.atOrAfter(key), known, found);
      expectAt(rows.list.lastBefore(key), known,
               found == known.begin() ? known.end() : std::prev(found));
    }
  }
}

TEST(FingerListTest, AnEmptyListHasNothing) {
  const Rows rows;
  EXPECT_EQ(rows.list.first(), nullptr);
  EXPECT_EQ(rows.list.last(), nullptr);
  EXPECT_EQ(rows.list.atOrAfter({"", 0}), nullptr);
  EXPECT_EQ(rows.list.lastBefore({"z", 0}), nullptr);
}

// Protects what it is there for: rows that follow one another cost a few comparisons, however many
// there are.
TEST(FingerListTest, GoesOnFromTheLastInsertion) {
  Rows rows;
  constexpr int BEFORE = 20'000;
  for (int i = 0; i < BEFORE; ++i)
    rows.insert(std::to_string(1'000'000 + i * 7919 % BEFORE * 10), 1);
  const auto before = rows.list.comparisons();
  constexpr std::uint64_t FOLLOWING = 9000;
  // Between two old rows, and behind them.
  for (std::uint64_t i = 0; i < FOLLOWING; ++i)
    rows.insert("1100005" + std::to_string(10'000 + i), 1);
  EXPECT_LE(rows.list.comparisons() - before, 2 * FOLLOWING + 100);
}

// Protects readers beside the writer: they see whole rows, in order, and all that were there when
// they began. For the thread sanitizer, too.
TEST(FingerListTest, IsReadWhileItGrows) {
  Rows rows;
  constexpr std::uint64_t ROWS = 20'000;
  std::atomic<std::uint64_t> inserted{0};
  std::jthread reader([&]() {
    for (std::uint64_t before = 0; before < ROWS;) {
      before = inserted.load(std::memory_order_acquire);
      std::uint64_t seen = 0;
      std::string last;
      for (const auto* node = rows.list.first(); node != nullptr; node = node->next()) {
        const std::string row(node->key().row);
        ASSERT_LT(last, row);
        last = row;
        ++seen;
      }
      ASSERT_GE(seen, before);
      if (before > 0) {
        const auto row = std::to_string(1'000'000 + (before - 1) * 7919 % ROWS);
        const auto* const found = rows.list.atOrAfter({row, UINT64_MAX});
        ASSERT_NE(found, nullptr);
        ASSERT_EQ(found->key().row, row);
      }
    }
  });
  for (std::uint64_t i = 0; i < ROWS; ++i) {
    rows.insert(std::to_string(1'000'000 + i * 7919 % ROWS), 1);
    inserted.store(i + 1, std::memory_order_release);
  }
}

}  // namespace
}  // namespace cairn::nn
