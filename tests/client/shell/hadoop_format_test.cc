// Protects: df and count of `cairn fs` keep Hadoop's columns, whatever the numbers. The
// expectations were captured from Hadoop 3.4 (hdfs dfs).
#include <gtest/gtest.h>

#include "client/shell/hadoop/count_format.h"
#include "client/shell/hadoop/format.h"
#include "client/shell/hadoop/popped_options.h"
#include "common/base/units.h"

namespace cairn::shell::hadoop {
namespace {

TEST(HadoopDf, NumbersAreRightAligned) {
  Table table(1);
  table.add({"Filesystem", "Size", "Used", "Available", "Use%"});
  table.add({"hdfs://127.0.0.1:9820", "270553174016", "65939", "78115303424",
             percentOf(65939, 270553174016)});
  EXPECT_EQ(table.text(),
            "Filesystem                     Size   Used    Available  Use%\n"
            "hdfs://127.0.0.1:9820  270553174016  65939  78115303424    0%\n");
  Table human(1);
  human.add({"Filesystem", "Size", "Used", "Available", "Use%"});
  human.add({"hdfs://127.0.0.1:9820", formatByteSizeHadoop(270553174016),
             formatByteSizeHadoop(65939), formatByteSizeHadoop(78115303424), percentOf(0, 0)});
  EXPECT_EQ(human.text(),
            "Filesystem                Size    Used  Available  Use%\n"
            "hdfs://127.0.0.1:9820  252.0 G  64.4 K     72.8 G    0%\n");
  EXPECT_EQ(percentOf(2, 3), "67%");
}

TEST(HadoopCount, ColumnsOfEachStyle) {
  const ContentSummary summary{.files = 4, .directories = 4, .length = 5012};
  const auto both = [&](CountStyle style) {
    EXPECT_TRUE(style.settle().has_value());
    return style.header() + style.line(summary, true, false, "/s");
  };
  EXPECT_EQ(both({}),
            "   DIR_COUNT   FILE_COUNT       CONTENT_SIZE PATHNAME\n"
            "           4            4               5012 /s\n");
  EXPECT_EQ(both({.human = true, .quota = true}),
            "       QUOTA       REM_QUOTA     SPACE_QUOTA REM_SPACE_QUOTA    DIR_COUNT   FILE_COUNT"
            "       CONTENT_SIZE PATHNAME\n"
            "        none             inf            none             inf            4            4"
            "              4.9 K /s\n");
  EXPECT_EQ(both({.quota = true, .byType = true, .types = "ssd"}),
            "     SSD_QUOTA      REM_SSD_QUOTA PATHNAME\n"
            "          none                inf /s\n");
  EXPECT_EQ(both({.policy = true}),
            "   DIR_COUNT   FILE_COUNT       CONTENT_SIZE ERASURECODING_POLICY PATHNAME\n"
            "           4            4               5012                  EC: /s\n");
  EXPECT_EQ(
      both({.quotaOnly = true, .policy = true}),
      "       QUOTA       REM_QUOTA     SPACE_QUOTA REM_SPACE_QUOTA ERASURECODING_POLICY PATHNAME\n"
      "        none             inf            none             inf                  EC: /s\n");
  EXPECT_EQ(CountStyle{.quotaOnly = true}.line(summary, true, true, "/"),
            "9223372036854775807 9223372036854775799            none             inf /\n");
  CountStyle wrong{.quota = true, .byType = true, .types = "bad"};
  EXPECT_EQ(wrong.settle().error().message(),
            "No enum constant org.apache.hadoop.fs.StorageType.BAD");
}

using Words = std::vector<std::string>;

TEST(PoppedOptions, AreFoundAnywhereInFrontOfTheDashes) {
  Words words{"/a", "-d", "-n", "user.x", "--", "-n"};
  EXPECT_TRUE(popOption(words, "-d"));
  EXPECT_EQ(popOptionWithValue(words, "-n").value(), "user.x");
  EXPECT_EQ(popOptionWithValue(words, "-n").value(), std::nullopt);
  EXPECT_EQ(words, (Words{"/a", "--", "-n"}));
  Words last{"-e"};
  EXPECT_EQ(popOptionWithValue(last, "-e").error().message(), "option -e requires 1 argument.");
  Words behind{"-x", "--", "-n"};
  EXPECT_EQ(popArgument(behind), "-n");
}

}  // namespace
}  // namespace cairn::shell::hadoop
