// The output of Hadoop's count, to the space.
// Layer: client/shell.  Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cairn/types.h"
#include "common/base/result.h"

namespace cairn::shell::hadoop {

struct CountStyle {
  bool human = false;      // -h
  bool quota = false;      // -q
  bool quotaOnly = false;  // -u
  bool byType = false;     // -t, which means something with -q or -u
  std::string types;       // -t's value: "ssd,disk"; "" or "all": all
  bool policy = false;     // -e
  bool snapshots = false;  // -s

  // To be called when all of the above is known. INVALID_ARGUMENT: a type that Hadoop has not.
  Result<void> settle();
  std::string header() const;
  // `isRoot`: of the whole file system, which HDFS gives the largest quota of names there is.
  std::string line(const ContentSummary& summary, bool isDirectory, bool isRoot,
                   std::string_view path) const;

  std::vector<std::string> typeNames{};  // settled
};

// The four columns of -q and -u, with a space behind each: names of the columns, and what they say
// of an entry.
std::string quotaHeader();
std::string quotaCells(const ContentSummary& summary, bool isRoot, bool human);

}  // namespace cairn::shell::hadoop
