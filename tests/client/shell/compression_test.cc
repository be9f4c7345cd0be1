// Protects: setcodec sets what was typed and nothing else, and stat shows what is set, not what a
// directory has from above.
#include "client/shell/compression.h"

#include <gtest/gtest.h>

namespace cairn::shell {
namespace {

TEST(Compression, WordsAndLevels) {
  const auto plain = parseCompression("zstd", std::nullopt);
  ASSERT_TRUE(plain.has_value() && plain->has_value());
  EXPECT_EQ((*plain)->codec, Codec::ZSTD);
  EXPECT_EQ((*plain)->zstdLevel, 1);
  const auto level = parseCompression("zstd", "-5");
  ASSERT_TRUE(level.has_value() && level->has_value());
  EXPECT_EQ((*level)->zstdLevel, -5);
  const auto none = parseCompression("none", std::nullopt);
  ASSERT_TRUE(none.has_value() && none->has_value());
  EXPECT_EQ((*none)->codec, Codec::NONE);
  const auto inherit = parseCompression("inherit", std::nullopt);
  ASSERT_TRUE(inherit.has_value());
  EXPECT_FALSE(inherit->has_value());
}

TEST(Compression, MistakesAreTold) {
  const auto why = [](std::string_view word, const std::optional<std::string>& level) {
    const auto parsed = parseCompression(word, level);
    return parsed.has_value() ? "" : parsed.error().message();
  };
  EXPECT_EQ(why("/data", std::nullopt), "zstd, none or inherit comes first, not '/data'");
  EXPECT_EQ(why("none", "3"), "--zstd-level means nothing with 'none'");
  EXPECT_EQ(why("inherit", "3"), "--zstd-level means nothing with 'inherit'");
  EXPECT_EQ(why("zstd", "20"), "--zstd-level takes a number from -5 to 19, not '20'");
  EXPECT_EQ(why("zstd", "fast"), "--zstd-level takes a number from -5 to 19, not 'fast'");
}

TEST(Compression, OnlyWhatIsSetIsShown) {
  EXPECT_EQ(compressionText({.zstdLevel = 3}), "zstd, level 3");
  EXPECT_EQ(compressionText({.codec = Codec::NONE}), "none");
  Entry directory{.kind = EntryKind::DIRECTORY, .zstdLevel = 9};
  EXPECT_EQ(compressionText(directory), "");
  directory.codecSet = true;
  EXPECT_EQ(compressionText(directory), "zstd, level 9");
}

}  // namespace
}  // namespace cairn::shell
