#include "client/shell/glob.h"

#include <algorithm>
#include <optional>

#include "client/shell/utf8.h"

namespace cairn::shell {
namespace {

// Hadoop's words for mistakes: scripts have seen them.
std::unexpected<Status> illegal(const std::string& why) {
  return fail(Code::INVALID_ARGUMENT, "Illegal file pattern: " + why);
}

std::unexpected<Status> unclosed(std::string_view what, std::string_view pattern, std::size_t at) {
  return illegal("error parsing regexp: Unclosed " + std::string(what) + " at pos " +
                 std::to_string(at) + ": `" + std::string(pattern) + "`");
}

// The component of `path` around position `at`.
std::string_view componentAt(std::string_view path, std::size_t at) {
  const auto before = path.rfind('/', at);
  const auto begin = before == std::string_view::npos ? 0 : before + 1;
  return path.substr(begin, path.find('/', begin) - begin);
}

// Of the first brace at nesting 0: its ends and the commas that divide it.
struct Brace {
  std::size_t open = 0;
  std::size_t close = 0;
  std::vector<std::size_t> commas;
};

// Nothing when there is none; an error when it is not closed.
Result<std::optional<Brace>> findBrace(std::string_view path) {
  Brace brace;
  int depth = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (c == '\\') {
      ++i;
    } else if (c == '[') {
      // Braces within a set are characters.
      const auto end = path.find(']', i + 1);
      const auto slash = path.find('/', i + 1);
      if (end != std::string_view::npos && (slash == std::string_view::npos || end < slash))
        i = end;
    } else if (c == '{') {
      if (depth == 0) brace.open = i;
      ++depth;
    } else if (c == ',' && depth == 1) {
      brace.commas.push_back(i);
    } else if (c == '}' && depth > 0) {
      --depth;
      if (depth > 0) continue;
      brace.close = i;
      return brace;
    }
  }
  if (depth > 0) {
    const auto component = componentAt(path, brace.open);
    return unclosed("group", component, component.size());
  }
  return std::nullopt;
}

Result<void> expandInto(std::string path, std::vector<std::string>& out) {
  ASSIGN(const auto brace, findBrace(path));
  if (!brace) {
    if (out.size() == GLOB_ALTERNATIVES_MAX) {
      return fail(Code::LIMIT_EXCEEDED, "a pattern stands for more than " +
                                            std::to_string(GLOB_ALTERNATIVES_MAX) + " paths");
    }
    out.push_back(std::move(path));
    return {};
  }
  auto ends = brace->commas;
  ends.push_back(brace->close);
  std::size_t begin = brace->open + 1;
  for (const auto end : ends) {
    const auto before = path.substr(0, brace->open);
    const auto chosen = path.substr(begin, end - begin);
    const auto behind = path.substr(brace->close + 1);
    begin = end + 1;
    const bool leavesNothing = chosen.empty() && (before.empty() || before.ends_with('/')) &&
                               (behind.empty() || behind.starts_with('/'));
    if (!leavesNothing) TRY(expandInto(before + chosen + behind, out));
  }
  return {};
}

}  // namespace

bool hasPattern(std::string_view path) {
  return path.find_first_of("*?[{\\") != std::string_view::npos;
}

bool hasWildcard(std::string_view path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '\\') {
      ++i;
    } else if (std::string_view("*?[{").find(path[i]) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

std::string unescapePattern(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '\\' && i + 1 < path.size()) ++i;
    out += path[i];
  }
  return out;
}

Result<std::vector<std::string>> expandBraces(std::string_view path) {
  std::size_t backslashes = 0;
  while (backslashes < path.size() && path[path.size() - 1 - backslashes] == '\\') ++backslashes;
  if (backslashes % 2 == 1) {
    return illegal("An escaped character does not present for glob " + std::string(path) + " at " +
                   std::to_string(path.size()));
  }
  std::vector<std::string> out;
  TRY(expandInto(std::string(path), out));
  return out;
}

Result<Glob> Glob::compile(std::string_view pattern) {
  Glob glob;
  std::size_t at = 0;
  const auto next = [&]() {
    if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
    const auto c = decodeUtf8(pattern, at);
    at += c.bytes;
    return c.point;
  };
  while (at < pattern.size()) {
    const char c = pattern[at];
    if (c == '*') {
      ++at;
      glob.literal_ = false;
      if (glob.tokens_.empty() || glob.tokens_.back().kind != Kind::STAR) {
        glob.tokens_.push_back({.kind = Kind::STAR});
      }
    } else if (c == '?') {
      ++at;
      glob.literal_ = false;
      glob.tokens_.push_back({.kind = Kind::ANY});
    } else if (c == '[') {
      ++at;
      glob.literal_ = false;
      Token token{.kind = Kind::SET};
      if (at < pattern.size() && (pattern[at] == '^' || pattern[at] == '!')) {
        token.negated = true;
        ++at;
      }
      // A "]" in the first place is a member.
      bool first = true;
      while (true) {
        if (at >= pattern.size()) return unclosed("character class", pattern, pattern.size());
        if (pattern[at] == ']' && !first) break;
        if (pattern[at] == '[') return unclosed("character class", pattern, at);
        first = false;
        const auto rangeAt = at;
        const char32_t from = next();
        char32_t to = from;
        if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
          ++at;
          to = next();
          if (to < from) {
            return illegal("error parsing regexp: invalid character class range: `" +
                           std::string(pattern.substr(rangeAt, at - rangeAt)) + "`");
          }
        }
        token.set.push_back({from, to});
      }
      ++at;
      glob.tokens_.push_back(std::move(token));
    } else {
      const auto begin = at + (c == '\\' && at + 1 < pattern.size() ? 1 : 0);
      glob.tokens_.push_back({.kind = Kind::CHARACTER, .point = next()});
      glob.text_ += pattern.substr(begin, at - begin);
    }
  }
  return glob;
}

bool Glob::accepts(const Token& token, char32_t point) {
  switch (token.kind) {
    case Kind::CHARACTER: return token.point == point;
    case Kind::ANY: return true;
    case Kind::STAR: return false;
    case Kind::SET:
      return std::ranges::any_of(token.set, [&](const Range& range) {
               return range.first <= point && point <= range.last;
             }) != token.negated;
  }
  return false;
}

bool Glob::matches(std::string_view name) const {
  if (literal_) return name == text_;
  std::size_t token = 0;
  std::size_t at = 0;
  // Where to go on when the tokens behind the last star do not fit: it takes one character more.
  std::optional<std::size_t> starToken;
  std::size_t starAt = 0;
  while (at < name.size()) {
    if (token < tokens_.size() && tokens_[token].kind == Kind::STAR) {
      starToken = token++;
      starAt = at;
      continue;
    }
    const auto c = decodeUtf8(name, at);
    if (token < tokens_.size() && accepts(tokens_[token], c.point)) {
      ++token;
      at += c.bytes;
      continue;
    }
    if (!starToken) return false;
    starAt += decodeUtf8(name, starAt).bytes;
    at = starAt;
    token = *starToken + 1;
  }
  while (token < tokens_.size() && tokens_[token].kind == Kind::STAR) ++token;
  return token == tokens_.size();
}

}  // namespace cairn::shell
