// Protects: names cannot play tricks on a terminal and come out of a pipe as they are; columns,
// rights and times read as users know them.
#include "client/shell/text.h"

#include <gtest/gtest.h>

#include "client/shell/stat_format.h"
#include "client/shell/temporary_name.h"
#include "common/base/limits.h"

namespace cairn::shell {
namespace {

TEST(Text, ControlCharactersAreEscapedOnATerminalOnly) {
  EXPECT_EQ(nameFor(true, "a\nb\tc\\d"), "a\\nb\\tc\\\\d");
  EXPECT_EQ(nameFor(true, "\x1b[2J\x7f"), "\\x1b[2J\\x7f");
  EXPECT_EQ(nameFor(true,
                    "\xc2\x9b"
                    "1m"),
            "\\xc2\\x9b1m")
      << "the 8-bit form of an escape";
  EXPECT_EQ(nameFor(true, "Grüße 数据 🗻"), "Grüße 数据 🗻");
  EXPECT_EQ(nameFor(true, "\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(nameFor(false, "a\nb\x1b"), "a\nb\x1b");
  EXPECT_EQ(replaceControl("a\nbé\x1b"), "a?bé?");
}

TEST(Text, Rights) {
  EXPECT_EQ(rightsOf({.kind = EntryKind::DIRECTORY, .mode = 0755}), "drwxr-xr-x");
  EXPECT_EQ(rightsOf({.mode = 0640}), "-rw-r-----");
  EXPECT_EQ(rightsOf({.kind = EntryKind::DIRECTORY, .mode = 01777}), "drwxrwxrwt");
  EXPECT_EQ(rightsOf({.kind = EntryKind::DIRECTORY, .mode = 01776}), "drwxrwxrwT");
  EXPECT_EQ(octalRights({.mode = 01777}), "1777");
  EXPECT_EQ(octalRights({.mode = 0}), "0");
}

TEST(Text, Times) {
  EXPECT_EQ(secondOf(1704164645000, Zone::UTC), "2024-01-02 03:04:05");
  EXPECT_EQ(minuteOf(1704164645999, Zone::UTC), "2024-01-02 03:04");
  EXPECT_EQ(secondOf(0, Zone::UTC), "1970-01-01 00:00:00");
  EXPECT_EQ(secondOf(-1, Zone::UTC), "1969-12-31 23:59:59");
}

TEST(Text, ColumnsCountCharacters) {
  EXPECT_EQ(padLeft("é", 3), "  é");
  EXPECT_EQ(padRight("é", 3), "é  ");
  EXPECT_EQ(padRight("long", 2), "long");
}

TEST(Text, TemporaryNamesFitTheLimit) {
  EXPECT_EQ(temporaryNameFor("/d/a.txt"), "/d/a.txt._COPYING_");
  EXPECT_EQ(temporaryNameFor("a"), "a._COPYING_");
  const std::string longest(limits::NAME_BYTES_MAX, 'x');
  const auto name = temporaryNameFor("/d/" + longest);
  EXPECT_EQ(name.size(), 3 + limits::NAME_BYTES_MAX);
  EXPECT_TRUE(name.ends_with("x._COPYING_"));
  // 85 characters of three bytes: none is cut in two.
  std::string wide;
  for (int i = 0; i < 85; ++i) wide += "数";
  const auto cut = temporaryNameFor(wide);
  EXPECT_LE(cut.size(), limits::NAME_BYTES_MAX);
  EXPECT_EQ((cut.size() - TEMPORARY_SUFFIX.size()) % 3, 0u);
}

TEST(StatFormat, LettersAreCoreutilsAndOurs) {
  const Entry entry{.id = 17,
                    .mode = 0640,
                    .owner = "ann",
                    .group = "staff",
                    .mtimeMs = 1704164645123,
                    .length = 100,
                    .storedLength = 60,
                    .replication = 3,
                    .chunkSize = 1024,
                    .chunkCount = 1};
  EXPECT_EQ(formatStat("%n|%F|%s|%S|%r|%o|%c|%C", "/x", entry),
            "/x|regular file|100|60|3|1024|1|zstd");
  EXPECT_EQ(formatStat("%a %A %U:%G %Y %i%%\\n", "/x", entry),
            "640 -rw-r----- ann:staff 1704164645 17%\\n");
  EXPECT_EQ(formatStat("%F %C", "/d", {.kind = EntryKind::DIRECTORY}), "directory -");
  EXPECT_EQ(formatStat("%C", "/d", {.kind = EntryKind::DIRECTORY, .codecSet = true}), "zstd");
  EXPECT_TRUE(checkStatFormat("%n%%").has_value());
  EXPECT_FALSE(checkStatFormat("%q").has_value());
  EXPECT_FALSE(checkStatFormat("100%").has_value());
}

}  // namespace
}  // namespace cairn::shell
