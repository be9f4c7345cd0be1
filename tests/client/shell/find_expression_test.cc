// Protects: find prints exactly what its expression says, and refuses what it does not understand
// instead of finding everything.
#include "client/shell/find_expression.h"

#include <gtest/gtest.h>

namespace cairn::shell {
namespace {

using Words = std::vector<std::string>;

// What is printed behind the name: "\n" once, twice, a NUL, nothing; or the mistake.
std::string found(const Words& words, std::string_view name, bool directory = false,
                  bool ours = true) {
  const auto expression = FindExpression::parse(words, ours);
  if (!expression.has_value()) {
    return (expression.error().unexpected ? "unexpected " : "wrong: ") + expression.error().text;
  }
  std::string printed;
  const Entry entry{.kind = directory ? EntryKind::DIRECTORY : EntryKind::FILE};
  expression->apply(name, entry, [&](char end) { printed += end == '\0' ? '0' : end; });
  return printed;
}

TEST(FindExpression, AllTestsMustHold) {
  EXPECT_EQ(found({}, "five"), "\n");
  EXPECT_EQ(found({"-name", "f*"}, "five"), "\n");
  EXPECT_EQ(found({"-name", "F*"}, "five"), "");
  EXPECT_EQ(found({"-name", "f*", "-name", "*x"}, "five"), "");
  EXPECT_EQ(found({"-name", "f*", "-a", "-name", "*e"}, "five"), "\n");
  EXPECT_EQ(found({"-name", "{five,six}"}, "six"), "\n");
  EXPECT_EQ(found({"-name", "-print"}, "-print"), "\n") << "the word behind -name is its pattern";
  EXPECT_EQ(found({"-type", "d"}, "x"), "");
  EXPECT_EQ(found({"-type", "d"}, "x", true), "\n");
}

TEST(FindExpression, CaseIsUnicodes) {
  EXPECT_EQ(found({"-iname", "F*"}, "five"), "\n");
  EXPECT_EQ(found({"-iname", "\u00c9*"}, "\u00e9t\u00e9"), "\n");
  EXPECT_EQ(found({"-name", "\u00c9*"}, "\u00e9t\u00e9"), "");
  EXPECT_EQ(found({"-iname", "\u0416"}, "\u0436"), "\n");
}

TEST(FindExpression, ActionsHappenWhereTheyStand) {
  EXPECT_EQ(found({"-print", "-print"}, "a"), "\n\n");
  EXPECT_EQ(found({"-print0", "-name", "b"}, "a"), "0") << "printed before it is tested";
  EXPECT_EQ(found({"-name", "b", "-print0"}, "a"), "");
}

TEST(FindExpression, MistakesAreTold) {
  EXPECT_EQ(found({"-o"}, "a"), "unexpected -o");
  EXPECT_EQ(found({"-name", "a", "extra"}, "a"), "unexpected extra");
  EXPECT_EQ(found({"-type", "f"}, "a", false, false), "unexpected -type") << "Hadoop has none";
  EXPECT_EQ(found({"-name"}, "a"), "wrong: option -name requires 1 argument.");
  EXPECT_TRUE(found({"-name", "[a"}, "a").starts_with("wrong: "));
  EXPECT_TRUE(found({"-a", "-name", "a"}, "a").starts_with("wrong: "));
}

}  // namespace
}  // namespace cairn::shell
