// Protects: what users type for rights, owners, times and extended attributes means what it means
// to HDFS's shell, and nothing else is taken for it.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include "client/shell/mode_change.h"
#include "client/shell/owner_spec.h"
#include "client/shell/time_text.h"
#include "client/shell/xattr_text.h"

namespace cairn::shell {
namespace {

// The new bits in octal, or "-".
std::string changed(unsigned mode, std::string_view change, bool isDirectory = false) {
  const auto parsed = ModeChange::parse(change);
  if (!parsed.has_value()) return "-";
  char text[16];
  std::snprintf(
      text, sizeof(text), "%o",
      static_cast<unsigned>(parsed->apply(static_cast<std::uint16_t>(mode), isDirectory)));
  return text;
}

TEST(ModeChange, OctalSetsAllOfIt) {
  EXPECT_EQ(changed(01777, "644"), "644") << "three digits clear the sticky bit";
  EXPECT_EQ(changed(0, "1755", true), "1755");
  EXPECT_EQ(changed(0, "1755"), "755") << "a file";
  EXPECT_EQ(changed(0, "0755"), "755");
  for (const char* wrong : {"8", "7", "12345", "01777", "2755", "77", "6x4"}) {
    EXPECT_EQ(changed(0, wrong), "-") << wrong;
  }
}

TEST(ModeChange, LettersAddTakeAndSet) {
  EXPECT_EQ(changed(0640, "u+x,g-r"), "700");
  EXPECT_EQ(changed(0700, "a=r"), "444");
  EXPECT_EQ(changed(0444, "+w"), "666") << "no umask";
  EXPECT_EQ(changed(0666, "go-w,u=rwx"), "744");
  EXPECT_EQ(changed(0755, "+t", true), "1755");
  EXPECT_EQ(changed(01755, "-t", true), "755");
  EXPECT_EQ(changed(0000, "u=rw,u+x"), "700") << "one clause after the other";
  for (const char* wrong : {"", "u", "u+", "rwx", "u+s", "u=g", "u+r+w", "u+r,", ",u+r", "z+r"}) {
    EXPECT_EQ(changed(0644, wrong), "-") << wrong;
  }
}

TEST(ModeChange, NothingBehindTheEqualsSignClears) {
  EXPECT_EQ(ModeChange::parse("u=rwX,go=", true)->apply(0755, false), 0700);
  EXPECT_FALSE(ModeChange::parse("go+", true).has_value());
  EXPECT_FALSE(ModeChange::parse("go=").has_value()) << "HDFS";
}

TEST(ModeChange, CapitalXIsForWhatIsExecutableAnyway) {
  EXPECT_EQ(changed(0644, "+X"), "644");
  EXPECT_EQ(changed(0744, "+X"), "755");
  EXPECT_EQ(changed(0644, "+X", true), "755");
  EXPECT_EQ(changed(0750, "u=rwX,go=rX", true), "755");
  EXPECT_EQ(changed(0755, "a-X"), "644");
}

TEST(OwnerSpec, TakesHdfssNames) {
  const auto parsed = [](std::string_view text) {
    const auto spec = parseOwnerSpec(text);
    return spec.has_value() ? spec->owner + "|" + spec->group : spec.error().message();
  };
  EXPECT_EQ(parsed("ann"), "ann|");
  EXPECT_EQ(parsed("ann:users"), "ann|users");
  EXPECT_EQ(parsed(":users"), "|users");
  EXPECT_EQ(parsed("ann:"), "ann|");
  EXPECT_EQ(parsed("a.b@c-d_e/f:g.h@i"), "a.b@c-d_e/f|g.h@i");
  EXPECT_EQ(parsed("a b"), "'a b' does not match expected pattern for [owner][:group].");
  EXPECT_EQ(parsed("a:b:c"), "'a:b:c' does not match expected pattern for [owner][:group].");
  EXPECT_EQ(parsed(":"), "':' does not specify owner or group.");
  EXPECT_EQ(parseGroupSpec("users")->group, "users");
  EXPECT_FALSE(parseGroupSpec("a:b").has_value());
  EXPECT_FALSE(parseGroupSpec("").has_value());
}

class TimeText : public ::testing::Test {
protected:
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};

TEST_F(TimeText, HadoopsIsLenient) {
  EXPECT_EQ(parseHadoopTime("20240102:030405"), 1704164645000);
  EXPECT_EQ(parseHadoopTime("20240102:030405x"), 1704164645000);
  EXPECT_EQ(parseHadoopTime("20241302:030405"), parseHadoopTime("20250102:030405"));
  for (const char* wrong : {"", "2024", "20240102030405", "20240102:0304", "x0240102:030405"}) {
    EXPECT_FALSE(parseHadoopTime(wrong).has_value()) << wrong;
  }
}

TEST_F(TimeText, OursIsStrict) {
  EXPECT_EQ(parseTime("2024-01-02 03:04:05"), 1704164645000);
  EXPECT_EQ(parseTime("2024-01-02T03:04"), 1704164640000);
  EXPECT_EQ(parseTime("2024-01-02"), 1704153600000);
  EXPECT_EQ(parseTime("@1704164645"), 1704164645000);
  EXPECT_EQ(parseTime("20240102:030405"), 1704164645000);
  for (const char* wrong : {"2024-13-02", "2024-01-02 24:00:00", "2024-01-02 03:04:05x", "@", "@-1",
                            "tomorrow", "2024-01"}) {
    EXPECT_FALSE(parseTime(wrong).has_value()) << wrong;
  }
}

TEST(XAttrText, ValuesGoThereAndBack) {
  for (const std::string& value : {std::string("hello"), std::string(""), std::string("a"),
                                   std::string("ab"), std::string("\0\xff\x80z", 4)}) {
    for (const auto encoding : {XAttrEncoding::HEX, XAttrEncoding::BASE64}) {
      EXPECT_EQ(decodeXAttr(encodeXAttr(value, encoding)), value);
    }
  }
  EXPECT_EQ(encodeXAttr("hello", XAttrEncoding::TEXT), "\"hello\"");
  EXPECT_EQ(encodeXAttr("hello", XAttrEncoding::HEX), "0x68656c6c6f");
  EXPECT_EQ(encodeXAttr("hello", XAttrEncoding::BASE64), "0saGVsbG8=");
}

TEST(XAttrText, WhatIsInNoFormStandsForItself) {
  EXPECT_EQ(decodeXAttr("\"quoted text\""), "quoted text");
  EXPECT_EQ(decodeXAttr("\"open"), "\"open");
  EXPECT_EQ(decodeXAttr("\""), "\"");
  EXPECT_EQ(decodeXAttr("0X4142"), "AB");
  EXPECT_EQ(decodeXAttr("0SQUI="), "AB");
  EXPECT_EQ(decodeXAttr("0xzz").error().message(), "Illegal hexadecimal character z at index 0");
  EXPECT_EQ(decodeXAttr("0x123").error().message(), "Odd number of characters.");
  EXPECT_TRUE(checkXAttrName("USER.x").has_value());
  EXPECT_FALSE(checkXAttrName("user.").has_value());
  EXPECT_FALSE(checkXAttrName("user").has_value());
  EXPECT_FALSE(checkXAttrName("other.x").has_value());
  EXPECT_EQ(xattrEncodingOf("HEX"), XAttrEncoding::HEX);
  EXPECT_EQ(xattrEncodingOf("octal"), std::nullopt);
}

}  // namespace
}  // namespace cairn::shell
