// Rows that the writer of groups keeps: what a group's totals of directories are made from. One
// that is out of date would stay wrong in the totals for good.
#include "namenode/meta/known_rows.h"

#include <gtest/gtest.h>

#include <string>

#include "namenode/meta/keys.h"
#include "tests/namenode/map_view.h"
#include "tests/testkit/results.h"

namespace cairn::nn {
namespace {

// A map that counts how often it is asked, and can fail.
class CountingView final : public MetaView {
public:
  Result<bool> get(Table table, std::string_view key, std::string& value) const override {
    ++asked;
    if (broken) return fail(Code::IO_ERROR, "broken");
    return map.get(table, key, value);
  }
  std::unique_ptr<Cursor> scanFrom(Table table, std::string_view prefix,
                                   std::string_view from) const override {
    return map.scanFrom(table, prefix, from);
  }

  MapView map;
  mutable int asked = 0;
  bool broken = false;
};

class KnownRowsTest : public ::testing::Test {
protected:
  static constexpr std::string_view NONE = "(none)";

  std::string read(Table table, InodeId inode) const {
    std::string value;
    const auto found = known.get(table, inodeKey(inode), value);
    if (!found.has_value()) return found.error().toString();
    return *found ? value : std::string(NONE);
  }
  // As the store writes a group: into the tables, then told.
  void write(const Overlay& group) {
    below.map.apply(group);
    known.written(group);
  }

  const InodeId a{20001};
  const InodeId b{20002};
  CountingView below;
  KnownRows known{below};
};

// Protects the gain: a row, or its absence, is looked up once; rows of other tables are not kept.
TEST_F(KnownRowsTest, AsksOnceForARow) {
  below.map.rows(Table::SUMMARY)[std::string(inodeKey(a).view())] = "3 files";
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ("3 files", read(Table::SUMMARY, a));
    EXPECT_EQ(NONE, read(Table::SUMMARY, b));
    EXPECT_EQ(NONE, read(Table::INODE, a));
  }
  EXPECT_EQ(3, below.asked);
  read(Table::LEASE, a);
  read(Table::LEASE, a);
  EXPECT_EQ(5, below.asked);
}

// Protects totals from what was true before a group: its rows, new, changed and removed, are seen.
TEST_F(KnownRowsTest, SeesWhatWasWritten) {
  for (const Table table : {Table::INODE, Table::SUMMARY}) {
    ASSERT_EQ(NONE, read(table, a));
    Overlay made;
    made.put(table, inodeKey(a), "one", false);
    made.put(table, inodeKey(b), "two", false);
    write(made);
    EXPECT_EQ("one", read(table, a));
    EXPECT_EQ("two", read(table, b));
    Overlay changed;
    changed.put(table, inodeKey(a), "other", true);
    changed.erase(table, inodeKey(b), true);
    write(changed);
    EXPECT_EQ("other", read(table, a));
    EXPECT_EQ(NONE, read(table, b));
  }
}

// Protects the next group from an error of this one.
TEST_F(KnownRowsTest, KeepsNoError) {
  below.map.rows(Table::INODE)[std::string(inodeKey(a).view())] = "place";
  below.broken = true;
  std::string value;
  EXPECT_CODE(Code::IO_ERROR, known.get(Table::INODE, inodeKey(a), value));
  below.broken = false;
  EXPECT_EQ("place", read(Table::INODE, a));
}

// Protects memory: of very many directories some are asked for again, and rightly.
TEST_F(KnownRowsTest, KeepsABoundedNumber) {
  for (std::uint64_t i = 0; i < KNOWN_ROWS_MAX; ++i) read(Table::SUMMARY, InodeId(30000 + i));
  const int before = below.asked;
  read(Table::SUMMARY, InodeId(30000));
  EXPECT_EQ(before, below.asked);
  read(Table::SUMMARY, a);
  read(Table::SUMMARY, InodeId(30000));
  EXPECT_EQ(before + 2, below.asked);
}

}  // namespace
}  // namespace cairn::nn
