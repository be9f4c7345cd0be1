#include "tests/sim/final_check.h"

#include <map>
#include <optional>
#include <string>

#include "common/async/coroutine.h"
#include "tests/sim/file_access.h"

namespace cairn::sim {
namespace {

using Kind = Expected::Kind;

// What is really at a path.
struct Found {
  std::optional<Entry> entry;  // nothing: NOT_FOUND
  std::string bytes;           // of a complete file
  std::string error;           // it could not be found out
};

kj::Promise<Found> lookAt(client::FileSystem& files, std::string path) {
  Found found;
  auto entry = co_await files.stat(path);
  if (!entry.has_value()) {
    if (entry.error().code() != Code::NOT_FOUND) found.error = "stat: " + entry.error().toString();
    co_return found;
  }
  found.entry = std::move(*entry);
  if (found.entry->isDirectory() || found.entry->underConstruction) co_return found;
  auto bytes = co_await readFile(files, path);
  if (bytes.has_value()) {
    found.bytes = std::move(*bytes);
  } else {
    found.error = "get: " + bytes.error().toString();
  }
  co_return found;
}

std::string describe(const Found& found) {
  if (!found.error.empty()) return found.error;
  if (!found.entry.has_value()) return "not there";
  if (found.entry->isDirectory()) return "a directory";
  if (found.entry->underConstruction) return "under construction";
  return "a file of " + std::to_string(found.bytes.size()) + " bytes";
}

std::string describe(const Expected& expected) {
  switch (expected.kind) {
    case Kind::ABSENT: return "nothing";
    case Kind::DIRECTORY: return "a directory";
    case Kind::FILE: return "a file of " + std::to_string(expected.content.length) + " bytes";
    case Kind::STARTED: return "a file under construction";
  }
  return "";
}

bool matches(const Found& found, const Expected& expected) {
  if (!found.error.empty()) return false;
  if (!found.entry.has_value()) {
    return expected.kind == Kind::ABSENT || expected.kind == Kind::STARTED;
  }
  const Entry& entry = *found.entry;
  switch (expected.kind) {
    case Kind::ABSENT: return false;
    case Kind::DIRECTORY: return entry.isDirectory();
    case Kind::FILE:
      return !entry.isDirectory() && !entry.underConstruction &&
             found.bytes == expected.content.bytes();
    case Kind::STARTED:

      return !entry.isDirectory() &&
             (entry.underConstruction || expected.content.bytes().starts_with(found.bytes));
  }
  return false;
}

}  // namespace

kj::Promise<void> checkWorker(client::FileSystem& files, Verdict& verdict,
                              const WorkerState& worker) {
  for (const auto& [path, expected] : worker.model.certain()) {
    const Found found = co_await lookAt(files, path);
    if (!matches(found, expected)) {
      verdict.violation("at the end " + path + " is " + describe(found) + "; acknowledged was " +
                        describe(expected) +
                        (found.entry.has_value() && expected.kind == Kind::FILE &&
                                 found.bytes.size() == expected.content.length
                             ? " with other bytes"
                             : ""));
    }
  }
  for (const auto& [number, operation] : worker.model.open()) {
    std::map<std::string, Found> found;
    for (const auto& [path, expected] : operation.outcomes.front()) {
      found.emplace(path, co_await lookAt(files, path));
    }
    bool possible = false;
    for (const auto& outcome : operation.outcomes) {
      bool all = true;
      for (const auto& [path, expected] : outcome) all = all && matches(found.at(path), expected);
      possible = possible || all;
    }
    if (possible) continue;
    std::string text = "at the end no outcome of \"" + operation.what + "\" is there:";
    for (const auto& [path, what] : found) text += ' ' + path + " is " + describe(what) + ';';
    verdict.violation(std::move(text));
  }
}

kj::Promise<void> checkContests(client::FileSystem& files, Verdict& verdict,
                                const Contests& contests) {
  for (const auto& [path, contest] : contests) {
    const Found found = co_await lookAt(files, path);
    if (!found.error.empty()) {
      verdict.violation("at the end " + path + ": " + found.error);
      continue;
    }
    if (contest.acknowledgedBy.empty()) {
      bool known = !found.entry.has_value() || found.entry->underConstruction;
      for (const auto& [name, content] : contest.tried) {
        known = known || content.bytes().starts_with(found.bytes);
      }
      if (!known) verdict.violation("at the end nobody wrote what is in " + path);
      continue;
    }
    const Content& winner = contest.tried.at(*contest.acknowledgedBy.begin());
    if (!matches(found, {Kind::FILE, winner})) {
      verdict.violation("at the end " + path + " is " + describe(found) + ", not the " +
                        std::to_string(winner.length) + " bytes of " +
                        *contest.acknowledgedBy.begin());
    }
  }
}

kj::Promise<void> checkReport(client::FileSystem& files, Verdict& verdict, std::uint64_t damaged,
                              bool noneOpen, ClusterReport& report) {
  auto got = co_await files.report();
  if (!got.has_value()) {
    verdict.violation("at the end there is no report: " + got.error().toString());
    co_return;
  }
  report = std::move(*got);
  if (report.missing > 0) {
    verdict.violation("at the end " + std::to_string(report.missing) + " chunks are missing");
  }
  if (report.pendingReclaims > 0) {
    verdict.violation("at the end " + std::to_string(report.pendingReclaims) +
                      " removed things are not reclaimed");
  }
  if (report.corruptReplicas > damaged) {
    verdict.violation("at the end " + std::to_string(report.corruptReplicas) +
                      " replicas count as damaged; " + std::to_string(damaged) + " were");
  }
  for (const auto& datanode : report.datanodes) {
    // One that crashed before it had noted who it is comes back as another; what it was before is
    // forgotten.
    if (!datanode.live) {
      verdict.violation("at the end " + datanode.address.address + " is not live");
    }
    if (noneOpen && datanode.replicas > report.chunks) {
      verdict.violation("at the end " + datanode.address.address + " holds " +
                        std::to_string(datanode.replicas) + " replicas; there are " +
                        std::to_string(report.chunks) + " chunks");
    }
    for (const auto& volume : datanode.volumes) {
      if (volume.failed) {
        verdict.violation("at the end a volume of " + datanode.address.address +
                          " is out of service: " + volume.error);
      }
    }
  }
}

}  // namespace cairn::sim
