// Protects a restart from bringing back what a later group changed or removed, when many groups are
// replayed as one.
#include "namenode/meta/replayed_rows.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::nn {
namespace {

struct Replay {
  ReplayedRows rows;

  // Its views are into a group that is kept.
  void change(Table table, std::string_view key, std::optional<std::string_view> value) {
    const auto kept =
        asText(rows.keep(asBytes(std::string(key) + std::string(value.value_or("")))));
    GroupRow row{.table = table, .key = kept.substr(0, key.size()), .value = {}};
    if (value) row.value = kept.substr(key.size());
    rows.change(row);
  }
  std::vector<std::string> all() const {
    std::vector<std::string> all;
    rows.forEach([&](const GroupRow& row) {
      all.push_back(std::string(nameOf(row.table)) + " " + std::string(row.key) +
                    (row.value ? "=" + std::string(*row.value) : " removed"));
    });
    return all;
  }
};

TEST(ReplayedRows, TheLastChangeOfARowCounts) {
  Replay replay;
  replay.change(Table::LEASE, "b", "1");
  replay.change(Table::DIRENT, "b", "2");
  replay.change(Table::DIRENT, "a", "3");
  replay.change(Table::DIRENT, "b", "4");
  replay.change(Table::LEASE, "b", std::nullopt);
  replay.change(Table::DIRENT, "c", std::nullopt);
  replay.change(Table::DIRENT, "c", "");
  EXPECT_EQ(replay.all(),
            (std::vector<std::string>{"dirent a=3", "dirent b=4", "dirent c=", "lease b removed"}));
  EXPECT_EQ(replay.rows.bytes(), 11U);
  replay.rows.clear();
  EXPECT_TRUE(replay.all().empty());
  EXPECT_EQ(replay.rows.bytes(), 0U);
}

}  // namespace
}  // namespace cairn::nn
