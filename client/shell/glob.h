// Patterns in remote paths, as Hadoop has them: * ? [abc] [a-z] [^a] {this,that} and \ before a
// character that is meant itself. A "*" stops at "/", and matches names that begin with a dot.
// Layer: client/shell.  Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace cairn::shell {

// Paths that one pattern's braces may stand for.
inline constexpr std::size_t GLOB_ALTERNATIVES_MAX = 1000;

// Whether there is anything to expand or to unescape.
bool hasPattern(std::string_view path);
// Whether it may stand for several paths: a * ? [ or { that no backslash precedes.
bool hasWildcard(std::string_view path);
// The path with its backslashes resolved.
std::string unescapePattern(std::string_view path);

// "/a/{b,c/d}" as "/a/b" and "/a/c/d", in that order; braces may nest. Characters stay escaped. An
// alternative that would leave a component empty, as in "/a/{}", stands for nothing.
// INVALID_ARGUMENT: an unclosed brace, a backslash at the end; LIMIT_EXCEEDED.
Result<std::vector<std::string>> expandBraces(std::string_view path);

// A pattern without braces for one component of a path.
class Glob {
public:
  // INVALID_ARGUMENT: an unclosed "[", one within a set, a range whose end comes first.
  static Result<Glob> compile(std::string_view pattern);
  // O(name x pattern).
  bool matches(std::string_view name) const;
  // The one name it stands for, when it has no wildcards.
  bool isLiteral() const { return literal_; }
  const std::string& literal() const { return text_; }

private:
  struct Range {
    char32_t first;
    char32_t last;
  };
  enum class Kind { CHARACTER, ANY, STAR, SET };
  struct Token {
    Kind kind;
    char32_t point = 0;
    bool negated = false;
    std::vector<Range> set;
  };
  static bool accepts(const Token& token, char32_t point);

  std::vector<Token> tokens_;
  std::string text_;
  bool literal_ = true;
};

}  // namespace cairn::shell
