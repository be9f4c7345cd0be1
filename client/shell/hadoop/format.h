// The output of Hadoop's ls, du and stat, to the space.
// Layer: client/shell.  Pure but for the zone of local times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/types.h"

namespace cairn::shell::hadoop {

struct LsStyle {
  bool human = false;        // -h
  bool accessTime = false;   // -u
  bool hideControl = false;  // -q
  bool policy = false;       // -e
};

// The columns of ls grow with what they have to hold and never shrink within one command.
class LsColumns {
public:
  void widen(const Entry& entry);
  std::string line(const Entry& entry, std::string_view name, const LsStyle& style) const;

private:
  std::size_t replication_ = 3;
  std::size_t owner_ = 0;
  std::size_t group_ = 0;
  std::size_t length_ = 10;
  std::size_t policy_ = 0;
};

// Rows of cells, two spaces between. Columns are left-aligned, and the last is not padded; those
// from `rightFrom` on are right-aligned.
class Table {
public:
  explicit Table(std::size_t rightFrom = SIZE_MAX) : rightFrom_(rightFrom) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  std::string text() const;

private:
  std::size_t rightFrom_;
  std::vector<std::vector<std::string>> rows_;
};

// "37%": of `whole`, to the nearest; "0%" of nothing.
std::string percentOf(std::uint64_t part, std::uint64_t whole);

// stat's format; unknown letters stand for themselves. `name` is the last component.
std::string formatStat(std::string_view format, std::string_view name, const Entry& entry);

}  // namespace cairn::shell::hadoop
