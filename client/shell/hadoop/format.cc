#include "client/shell/hadoop/format.h"

#include <algorithm>
#include <cmath>

#include "client/shell/text.h"
#include "common/base/units.h"

namespace cairn::shell::hadoop {
namespace {

std::string replicationOf(const Entry& entry) {
  return entry.isDirectory() ? "-" : std::to_string(entry.replication);
}

std::string policyOf(const Entry& entry) { return entry.isDirectory() ? "" : "Replicated"; }

std::string statValue(char letter, std::string_view name, const Entry& entry) {
  switch (letter) {
    case 'a': return octalRights(entry);
    case 'A': return rightsOf(entry).substr(1);
    case 'b': return std::to_string(entry.length);
    case 'F': return entry.isDirectory() ? "directory" : "regular file";
    case 'g': return entry.group;
    case 'n': return std::string(name);
    case 'o': return std::to_string(entry.chunkSize);
    case 'r': return std::to_string(entry.replication);
    case 'u': return entry.owner;
    case 'x': return secondOf(entry.atimeMs, Zone::UTC);
    case 'X': return std::to_string(entry.atimeMs);
    case 'y': return secondOf(entry.mtimeMs, Zone::UTC);
    case 'Y': return std::to_string(entry.mtimeMs);
    default: return std::string(1, letter);
  }
}

}  // namespace

void LsColumns::widen(const Entry& entry) {
  replication_ = std::max(replication_, replicationOf(entry).size());
  owner_ = std::max(owner_, displayWidth(entry.owner));
  group_ = std::max(group_, displayWidth(entry.group));
  // By the plain number even where -h prints a shorter one.
  length_ = std::max(length_, std::to_string(entry.length).size());
  policy_ = std::max(policy_, policyOf(entry).size());
}

std::string LsColumns::line(const Entry& entry, std::string_view name, const LsStyle& style) const {
  // A "+" for access control lists would stand where the first space is.
  std::string text = rightsOf(entry) + " " + padLeft(replicationOf(entry), replication_) + " ";
  if (owner_ > 0) text += padRight(entry.owner, owner_) + " ";
  if (group_ > 0) text += padRight(entry.group, group_) + " ";
  if (style.policy && policy_ > 0) text += padRight(policyOf(entry), policy_) + " ";
  text += padLeft(style.human ? formatByteSizeHadoop(entry.length) : std::to_string(entry.length),
                  length_);
  text += " " + minuteOf(style.accessTime ? entry.atimeMs : entry.mtimeMs, Zone::LOCAL) + " ";
  return text + (style.hideControl ? replaceControl(name) : std::string(name)) + "\n";
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], displayWidth(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      if (i >= rightFrom_) {
        text += padLeft(row[i], widths[i]);
      } else {
        text += last ? row[i] : padRight(row[i], widths[i]);
      }
      if (!last) text += "  ";
    }
    text += '\n';
  }
  return text;
}

std::string percentOf(std::uint64_t part, std::uint64_t whole) {
  const auto share = whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  return std::to_string(std::lround(share * 100)) + "%";
}

std::string formatStat(std::string_view format, std::string_view name, const Entry& entry) {
  std::string text;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      text += format[i];
    } else if (++i < format.size()) {
      text += statValue(format[i], name, entry);
    }
  }
  return text;
}

}  // namespace cairn::shell::hadoop
