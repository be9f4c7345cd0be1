#include "client/shell/mode_change.h"

#include <algorithm>

namespace cairn::shell {
namespace {

constexpr unsigned STICKY = 01000;
constexpr unsigned ALL = 0777;
constexpr unsigned EXECUTE = 0111;

std::unexpected<Status> wrong() { return fail(Code::INVALID_ARGUMENT, ""); }

bool isOctalNumber(std::string_view text) {
  if (text.size() != 3 && text.size() != 4) return false;
  if (text.size() == 4 && text[0] > '1') return false;
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '7'; });
}

}  // namespace

Result<ModeChange> ModeChange::parse(std::string_view text, bool mayClear) {
  ModeChange change;
  if (isOctalNumber(text)) {
    change.octal_ = true;
    for (const char c : text) {
      change.bits_ = static_cast<std::uint16_t>(change.bits_ * 8 + (c - '0'));
    }
    return change;
  }
  while (true) {
    const auto comma = text.find(',');
    ASSIGN(const auto clause, parseClause(text.substr(0, comma), mayClear));
    change.clauses_.push_back(clause);
    if (comma == std::string_view::npos) return change;
    text.remove_prefix(comma + 1);
  }
}

Result<ModeChange::Clause> ModeChange::parseClause(std::string_view text, bool mayClear) {
  Clause clause;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    switch (text[at]) {
      case 'u': clause.classes |= 0700; continue;
      case 'g': clause.classes |= 0070; continue;
      case 'o': clause.classes |= 0007; continue;
      case 'a': clause.classes |= ALL; continue;
      default: break;
    }
    break;
  }
  if (clause.classes == 0) clause.classes = ALL;
  if (at == text.size()) return wrong();
  clause.action = text[at++];
  if (clause.action != '+' && clause.action != '-' && clause.action != '=') return wrong();
  if (at == text.size() && !(mayClear && clause.action == '=')) return wrong();
  for (; at < text.size(); ++at) {
    switch (text[at]) {
      case 'r': clause.rights |= 0444; break;
      case 'w': clause.rights |= 0222; break;
      case 'x': clause.rights |= EXECUTE; break;
      case 'X': clause.executeIfAny = true; break;
      case 't': clause.sticky = true; break;
      default: return wrong();
    }
  }
  return clause;
}

std::uint16_t ModeChange::applyClause(const Clause& clause, std::uint16_t mode, bool isDirectory) {
  unsigned rights = clause.rights;
  // X means x where somebody may execute it anyway; taking away, it always means x.
  const bool executable = isDirectory || (mode & EXECUTE) != 0;
  if (clause.executeIfAny && (executable || clause.action == '-')) rights |= EXECUTE;
  rights &= clause.classes;
  if (clause.sticky) rights |= STICKY;
  switch (clause.action) {
    case '+': return static_cast<std::uint16_t>(mode | rights);
    case '-': return static_cast<std::uint16_t>(mode & ~rights);
    default: return static_cast<std::uint16_t>((mode & ~clause.classes) | rights);
  }
}

std::uint16_t ModeChange::apply(std::uint16_t mode, bool isDirectory) const {
  if (octal_) mode = bits_;
  for (const auto& clause : clauses_) mode = applyClause(clause, mode, isDirectory);
  return static_cast<std::uint16_t>(isDirectory ? mode : mode & ~STICKY);
}

}  // namespace cairn::shell
