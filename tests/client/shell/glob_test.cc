// Protects: patterns match what Hadoop's match, in bounded time, and expansion finds entries
// without listing more than it must.
#include "client/shell/glob.h"

#include <gtest/gtest.h>

#include "client/shell/expand.h"

namespace cairn::shell {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
  const auto glob = Glob::compile(pattern);
  EXPECT_TRUE(glob.has_value()) << pattern;
  return glob.has_value() && glob->matches(name);
}

TEST(Glob, Wildcards) {
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("*", ".hidden")) << "as Hadoop, unlike a local shell";
  EXPECT_TRUE(matches("part-r-*", "part-r-00000"));
  EXPECT_FALSE(matches("part-r-*", "part-m-00000"));
  EXPECT_TRUE(matches("*.t*t", "a.b.text"));
  EXPECT_FALSE(matches("*.txt", "a.txt.gz"));
  EXPECT_TRUE(matches("a?c", "abc"));
  EXPECT_FALSE(matches("a?c", "ac"));
  EXPECT_TRUE(matches("?", "é")) << "a character, not a byte";
  EXPECT_TRUE(matches("*b*", "\nb\n"));
}

TEST(Glob, Sets) {
  EXPECT_TRUE(matches("[abc]x", "bx"));
  EXPECT_FALSE(matches("[abc]x", "dx"));
  EXPECT_TRUE(matches("[a-c0-9]", "7"));
  EXPECT_FALSE(matches("[^a-c]", "b"));
  EXPECT_TRUE(matches("[!a-c]", "d"));
  EXPECT_TRUE(matches("[]x]", "]"));
  EXPECT_TRUE(matches("[a-]", "-"));
  EXPECT_TRUE(matches("[à-ü]", "é"));
  EXPECT_TRUE(matches("[\\]]", "]"));
}

TEST(Glob, ABackslashTakesTheMeaningAway) {
  const auto glob = *Glob::compile("a\\*b");
  EXPECT_TRUE(glob.isLiteral());
  EXPECT_EQ(glob.literal(), "a*b");
  EXPECT_FALSE(glob.matches("axb"));
  EXPECT_TRUE(matches("\\[*", "[x"));
  EXPECT_EQ(unescapePattern("/d/\\*\\{\\\\"), "/d/*{\\");
  EXPECT_EQ(unescapePattern("end\\"), "end\\");
}

// Captured: cat '/d/{a,b' and ls '/d/[a' of Hadoop 3.4.
TEST(Glob, UnclosedPatternsAreRefusedInHadoopsWords) {
  EXPECT_EQ(Glob::compile("[a").error().message(),
            "Illegal file pattern: error parsing regexp: Unclosed character class at pos 2: `[a`");
  EXPECT_EQ(expandBraces("/d/{a,b").error().message(),
            "Illegal file pattern: error parsing regexp: Unclosed group at pos 4: `{a,b`");
  EXPECT_EQ(Glob::compile("[[:alpha:]]").error().message(),
            "Illegal file pattern: error parsing regexp: Unclosed character class at pos 1: "
            "`[[:alpha:]]`");
  EXPECT_EQ(Glob::compile("x[b-a]").error().message(),
            "Illegal file pattern: error parsing regexp: invalid character class range: `b-a`");
  EXPECT_EQ(expandBraces("/g/a\\").error().message(),
            "Illegal file pattern: An escaped character does not present for glob /g/a\\ at 5");
  EXPECT_EQ(*expandBraces("/g/a\\\\"), (std::vector<std::string>{"/g/a\\\\"}));
}

using Paths = std::vector<std::string>;

TEST(Glob, BracesStandForSeveralPaths) {
  EXPECT_EQ(*expandBraces("/a/{b,c/d}/e"), (Paths{"/a/b/e", "/a/c/d/e"}));
  EXPECT_EQ(*expandBraces("{a,b{c,d}}"), (Paths{"a", "bc", "bd"}));
  EXPECT_EQ(*expandBraces("{,x}y"), (Paths{"y", "xy"}));
  EXPECT_EQ(*expandBraces("\\{a,b\\}"), (Paths{"\\{a,b\\}"}));
  EXPECT_EQ(*expandBraces("[{]{a,b}"), (Paths{"[{]a", "[{]b"}));
  EXPECT_EQ(*expandBraces("a,b}"), (Paths{"a,b}"}));
  EXPECT_EQ(*expandBraces("/a/{,b}"), (Paths{"/a/b"})) << "no alternative is the directory itself";
  EXPECT_EQ(*expandBraces("/a/{}"), Paths());
}

TEST(Glob, OnlyWhatNoBackslashPrecedesIsAWildcard) {
  for (const auto* const pattern : {"/a*", "?", "a[", "{a,b}", "a\\\\*"}) {
    EXPECT_TRUE(hasWildcard(pattern)) << pattern;
  }
  for (const auto* const plain : {"", "/a", "a\\*", "\\[x\\]", "a]}"}) {
    EXPECT_FALSE(hasWildcard(plain)) << plain;
  }
}

TEST(Glob, AlternativesAreBounded) {
  // 2^10 of them.
  std::string pattern;
  for (int i = 0; i < 10; ++i) pattern += "{a,b}";
  EXPECT_EQ(expandBraces(pattern).error().code(), Code::LIMIT_EXCEEDED);
}

TEST(Glob, ManyStarsTakeNoExponentialTime) {
  EXPECT_FALSE(matches("*a*a*a*a*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}

// A tree of a few entries, and a count of what was asked.
class Tree {
public:
  Tree() {
    for (const char* path : {"/d", "/d/e", "/logs", "/logs/2024", "/logs/2025"}) add(path, true);
    for (const char* path :
         {"/d/a.txt", "/d/b.txt", "/d/e/a.txt", "/logs/2024/x", "/logs/2025/x", "/d/we[i]rd*"}) {
      add(path, false);
    }
  }
  EntrySource source() {
    return {
        .stat = [this](const std::string& path) -> Result<std::optional<Entry>> {
          if (path == "/") return Entry{.kind = EntryKind::DIRECTORY};
          const auto found = entries_.find(path);
          if (found == entries_.end()) return std::nullopt;
          return found->second;
        },
        .list = [this](const std::string& directory) -> Result<std::vector<Entry>> {
          ++lists;
          if (directory == denied) return fail(Code::PERMISSION_DENIED, "denied");
          const auto prefix = directory == "/" ? "/" : directory + "/";
          std::vector<Entry> children;
          for (const auto& [path, entry] : entries_) {
            if (path.starts_with(prefix) && path.find('/', prefix.size()) == std::string::npos) {
              children.push_back(entry);
            }
          }
          if (children.empty()) return fail(Code::NOT_FOUND, directory);
          return children;
        }};
  }
  int lists = 0;
  std::string denied;

private:
  void add(const std::string& path, bool directory) {
    entries_[path] = Entry{.name = path.substr(path.rfind('/') + 1),
                           .kind = directory ? EntryKind::DIRECTORY : EntryKind::FILE};
  }
  std::map<std::string, Entry> entries_;
};

class ExpandTest : public ::testing::Test {
protected:
  // What a pattern comes to; "x?" for one that does not exist.
  Paths expanded(std::string_view typed) {
    const auto items = expand(typed, {.user = "ann", .namenode = "nn:1"}, tree.source());
    if (!items.has_value()) return {"error: " + items.error().message()};
    Paths paths;
    for (const auto& item : *items) paths.push_back(item.shown + (item.entry ? "" : "?"));
    return paths;
  }
  Tree tree;
};

TEST_F(ExpandTest, MatchesAreSortedAndUnique) {
  EXPECT_EQ(expanded("/d/*.txt"), (Paths{"/d/a.txt", "/d/b.txt"}));
  EXPECT_EQ(expanded("/d/{b,a,b}.txt"), (Paths{"/d/a.txt", "/d/b.txt"}));
  EXPECT_EQ(expanded("/logs/*/x"), (Paths{"/logs/2024/x", "/logs/2025/x"}));
  EXPECT_EQ(expanded("/*"), (Paths{"/d", "/logs"}));
  EXPECT_EQ(expanded("hdfs://nn:1/l*"), (Paths{"hdfs://nn:1/logs"}));
}

TEST_F(ExpandTest, NothingButPatternsIsListed) {
  EXPECT_EQ(expanded("/d/a.txt"), (Paths{"/d/a.txt"}));
  EXPECT_EQ(expanded("/d/{a,b}.txt"), (Paths{"/d/a.txt", "/d/b.txt"}));
  EXPECT_EQ(tree.lists, 0);
}

// Captured: ls '/d/none*' and ls '/d/\*' of Hadoop 3.4 say `/d/none*' and `/d/*'.
TEST_F(ExpandTest, WhatMatchesNothingIsShownAsTyped) {
  EXPECT_EQ(expanded("/d/none*"), (Paths{"/d/none*?"}));
  EXPECT_EQ(expanded("/d/\\*"), (Paths{"/d/*?"}));
  EXPECT_EQ(expanded("/none/"), (Paths{"/none/?"}));
}

TEST_F(ExpandTest, NamesThatHoldPatternCharactersAreFound) {
  EXPECT_EQ(expanded("/d/we[i]rd*"), (Paths{"/d/we[i]rd*"}));
  EXPECT_EQ(expanded("/d/we\\[i\\]rd\\*"), (Paths{"/d/we[i]rd*"}));
}

TEST_F(ExpandTest, ARefusalIsNoAbsence) {
  tree.denied = "/d";
  EXPECT_EQ(expanded("/d/*"), (Paths{"error: denied"}));
}

}  // namespace
}  // namespace cairn::shell
