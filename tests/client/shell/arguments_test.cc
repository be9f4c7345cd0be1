// Protects: command lines in POSIX grammar mean what users of other tools expect; what is not
// understood is named, and nothing is guessed.
#include "client/shell/arguments.h"

#include <gtest/gtest.h>

#include <array>

namespace cairn::shell {
namespace {

constexpr std::array FLAGS = {Flag{.letter = 'f', .name = "force"},
                              Flag{.letter = 'r', .name = "recursive"},
                              Flag{.letter = 'c', .name = "format", .takesValue = true},
                              Flag{.letter = 0, .name = "chunk-size", .takesValue = true}};

Result<Arguments> parse(std::vector<std::string> words) { return Arguments::parse(words, FLAGS); }

using Words = std::vector<std::string>;

TEST(Arguments, FlagsStandAnywhereAndBundle) {
  const auto parsed = parse({"a", "-rf", "b"});
  ASSERT_TRUE(parsed.has_value());
  EXPECT_TRUE(parsed->has("recursive"));
  EXPECT_TRUE(parsed->has("force"));
  EXPECT_FALSE(parsed->has("format"));
  EXPECT_EQ(parsed->operands(), (Words{"a", "b"}));
}

TEST(Arguments, ValuesComeInFourForms) {
  for (const Words& words : {Words{"-c", "%n"}, Words{"-c%n"}, Words{"--format", "%n"},
                             Words{"--format=%n"}, Words{"-fc%n"}, Words{"-fc", "%n"}}) {
    const auto parsed = parse(words);
    ASSERT_TRUE(parsed.has_value()) << words[0];
    EXPECT_EQ(parsed->value("format"), "%n") << words[0];
    EXPECT_TRUE(parsed->operands().empty());
  }
  EXPECT_EQ(parse({"--format="})->value("format"), "");
  EXPECT_EQ(parse({"-c", "1", "-c", "2"})->value("format"), "2") << "the last one counts";
  EXPECT_EQ(parse({"-c", "-f"})->value("format"), "-f") << "a value may look like a flag";
}

TEST(Arguments, ADoubleDashEndsFlagsAndADashIsAnOperand) {
  const auto parsed = parse({"-", "--", "-f", "--", "--force"});
  ASSERT_TRUE(parsed.has_value());
  EXPECT_FALSE(parsed->has("force"));
  EXPECT_EQ(parsed->operands(), (Words{"-", "-f", "--", "--force"}));
  EXPECT_EQ(parse({""})->operands(), Words{""}) << "an empty operand is one; the verb judges it";
}

TEST(Arguments, MistakesAreNamed) {
  const auto messageOf = [](const Words& words) {
    const auto parsed = parse(words);
    return parsed.has_value() ? "understood" : parsed.error().message();
  };
  EXPECT_EQ(messageOf({"--recursve"}), "unknown flag --recursve; did you mean --recursive?");
  EXPECT_EQ(messageOf({"-x"}), "unknown flag -x");
  EXPECT_EQ(messageOf({"-fx"}), "unknown flag -x");
  EXPECT_EQ(messageOf({"--format"}), "--format needs a value");
  EXPECT_EQ(messageOf({"-c"}), "-c needs a value");
  EXPECT_EQ(messageOf({"--force=1"}), "--force takes no value");
}

}  // namespace
}  // namespace cairn::shell
