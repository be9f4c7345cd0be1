// Texts as values: what each type of setting takes, and what it says when it does not.
#include "common/config/setting_value.h"

#include <gtest/gtest.h>

#include "common/base/units.h"
#include "tests/testkit/results.h"

namespace cairn::config {
namespace {

SettingSpec spec(SettingType type, std::int64_t min = 0, std::int64_t max = INT64_MAX,
                 std::string_view choices = {}) {
  return {.key = "a.b",
          .type = type,
          .defaultText = "",
          .help = "A.",
          .min = min,
          .max = max,
          .choices = choices};
}

std::int64_t number(SettingType type, std::string_view text) {
  const auto value = parseSetting(spec(type), text);
  return value.has_value() ? std::get<std::int64_t>(*value) : -1;
}

// Protects against numbers that are almost right: a rest, a sign, an overflow are no numbers.
TEST(SettingValueTest, Numbers) {
  EXPECT_EQ(number(SettingType::INTEGER, "17"), 17);
  for (const char* bad : {"", "17x", " 17", "1.5", "-1", "99999999999999999999"}) {
    EXPECT_EQ(number(SettingType::INTEGER, bad), -1) << bad;
  }
  EXPECT_EQ(number(SettingType::FILE_MODE, "022"), 022);
  EXPECT_EQ(number(SettingType::FILE_MODE, "028"), -1);
  EXPECT_EQ(number(SettingType::BYTES, "64KiB"), 65536);
  EXPECT_EQ(number(SettingType::BYTES, "16EiB"), -1);
  const auto share = spec(SettingType::DECIMAL, 0, 1);
  EXPECT_EQ(std::get<double>(parseSetting(share, "0.25").value()), 0.25);
  for (const char* bad : {"1.01", "-0.1", "nan", "0,5"}) {
    EXPECT_CODE(Code::INVALID_ARGUMENT, parseSetting(share, bad)) << bad;
  }
}

TEST(SettingValueTest, Times) {
  EXPECT_EQ(parseMillis("3000"), 3000);
  EXPECT_EQ(parseMillis("500ms"), 500);
  EXPECT_EQ(parseMillis("3s"), 3000);
  EXPECT_EQ(parseMillis("10m"), 600'000);
  EXPECT_EQ(parseMillis("2h"), 7'200'000);
  EXPECT_EQ(parseMillis("1d"), 86'400'000);
  for (const char* bad : {"", "s", "3 s", "3sec", "-3s", "9223372036854775807s"}) {
    EXPECT_FALSE(parseMillis(bad).has_value()) << bad;
  }
}

TEST(SettingValueTest, TextsAndLists) {
  EXPECT_EQ(std::get<bool>(parseSetting(spec(SettingType::BOOLEAN), "true").value()), true);
  EXPECT_CODE(Code::INVALID_ARGUMENT, parseSetting(spec(SettingType::BOOLEAN), "yes"));
  const auto codec = spec(SettingType::TEXT, 0, 0, "zstd|none");
  EXPECT_OK(parseSetting(codec, "none"));
  for (const char* bad : {"", "zst", "zstd|none", "None"}) {
    EXPECT_CODE(Code::INVALID_ARGUMENT, parseSetting(codec, bad)) << bad;
  }
  EXPECT_EQ(std::get<std::vector<std::string>>(
                parseSetting(spec(SettingType::TEXT_LIST), " a, b ,,c").value()),
            (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_CODE(Code::INVALID_ARGUMENT, parseSetting(spec(SettingType::ADDRESS), ""));
  EXPECT_CODE(Code::INVALID_ARGUMENT, parseSetting(spec(SettingType::ADDRESS), "host"));
}

// Protects whoever made a mistake: the message names the key, the text and what is allowed.
TEST(SettingValueTest, MessagesSayWhatIsAllowed) {
  EXPECT_MESSAGE("a.b is '0'; it must be a whole number from 1 to 512",
                 parseSetting(spec(SettingType::INTEGER, 1, 512), "0"));
  EXPECT_MESSAGE("a.b is '1'; it must be a size such as 64KiB from 1KiB to 8GiB",
                 parseSetting(spec(SettingType::BYTES, 1_KiB, 8_GiB), "1"));
  EXPECT_MESSAGE(
      "a.b is 'x'; it must be a time such as 3000 (milliseconds), 3s or 10m from 50ms to 1h",
      parseSetting(spec(SettingType::MILLIS, 50, 3'600'000), "x"));
  EXPECT_MESSAGE("a.b is 'x'; it must be 'zstd' or 'none'",
                 parseSetting(spec(SettingType::TEXT, 0, 0, "zstd|none"), "x"));
}

}  // namespace
}  // namespace cairn::config
