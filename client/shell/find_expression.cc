#include "client/shell/find_expression.h"

#include <locale.h>
#include <wctype.h>

#include <algorithm>
#include <array>

#include "client/shell/utf8.h"

namespace cairn::shell {
namespace {

void append(std::string& text, char32_t point) {
  if (point < 0x80) {
    text += static_cast<char>(point);
    return;
  }
  const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  constexpr std::array<unsigned, 4> LEADS = {0, 0xc0, 0xe0, 0xf0};
  text += static_cast<char>(LEADS[static_cast<std::size_t>(more)] | point >> (6 * more));
  for (int i = more - 1; i >= 0; --i) text += static_cast<char>(0x80U | (point >> (6 * i) & 0x3fU));
}

// Every character that has two cases in its lower one.
std::string lowered(std::string_view text) {
  // Whatever the user's locale: names are UTF-8.
  static const locale_t unicode = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto c = decodeUtf8(text, at);
    if (!c.valid) {
      out += text[at];
    } else if (unicode != nullptr) {
      append(out, static_cast<char32_t>(::towlower_l(static_cast<wint_t>(c.point), unicode)));
    } else {
      append(out, c.point >= 'A' && c.point <= 'Z' ? c.point - 'A' + 'a' : c.point);
    }
    at += c.bytes;
  }
  return out;
}

Result<std::vector<Glob>> compile(std::string_view pattern) {
  std::vector<Glob> globs;
  ASSIGN(const auto alternatives, expandBraces(pattern));
  for (const auto& alternative : alternatives) {
    ASSIGN(auto glob, Glob::compile(alternative));
    globs.push_back(std::move(glob));
  }
  return globs;
}

}  // namespace

std::expected<FindExpression, FindExpression::Mistake> FindExpression::parse(
    std::span<const std::string> words, bool ours) {
  FindExpression expression;
  const auto mistake = [](bool unexpected, std::string text) {
    return std::unexpected(Mistake{.unexpected = unexpected, .text = std::move(text)});
  };
  bool prints = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    const bool takesValue = word == "-name" || word == "-iname" || (ours && word == "-type");
    if (takesValue && i + 1 == words.size()) {
      return mistake(false, "option " + word + " requires 1 argument.");
    }
    if (word == "-name" || word == "-iname") {
      const bool anyCase = word == "-iname";
      const auto& pattern = words[++i];
      auto globs = compile(anyCase ? lowered(pattern) : pattern);
      if (!globs.has_value()) return mistake(false, globs.error().message());
      expression.steps_.push_back(
          {.kind = anyCase ? Kind::NAME_ANY_CASE : Kind::NAME, .globs = std::move(*globs)});
    } else if (takesValue) {
      const auto& type = words[++i];
      if (type != "f" && type != "d") return mistake(false, "-type takes f or d");
      expression.steps_.push_back({.kind = Kind::TYPE, .globs = {}, .letter = type[0]});
    } else if (word == "-print" || word == "-print0") {
      prints = true;
      expression.steps_.push_back(
          {.kind = Kind::PRINT, .globs = {}, .letter = word == "-print" ? '\n' : '\0'});
    } else if (word == "-a" || word == "-and") {
      if (i == 0 || i + 1 == words.size()) return mistake(false, word + " joins two expressions");
    } else {
      return mistake(true, word);
    }
  }
  if (!prints) expression.steps_.push_back({.kind = Kind::PRINT, .globs = {}});
  return expression;
}

void FindExpression::apply(std::string_view name, const Entry& entry,
                           const std::function<void(char end)>& print) const {
  const auto matches = [](const Step& step, std::string_view text) {
    return std::ranges::any_of(step.globs, [&](const Glob& glob) { return glob.matches(text); });
  };
  for (const auto& step : steps_) {
    bool holds = true;
    switch (step.kind) {
      case Kind::NAME: holds = matches(step, name); break;
      case Kind::NAME_ANY_CASE: holds = matches(step, lowered(name)); break;
      case Kind::TYPE: holds = entry.isDirectory() == (step.letter == 'd'); break;
      case Kind::PRINT: print(step.letter); break;
    }
    if (!holds) return;
  }
}

}  // namespace cairn::shell
