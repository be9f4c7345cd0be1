#include "tests/sim/final_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "common/async/coroutine.h"
#include "tests/sim/cluster.h"
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
  if (bytes.has_value() && bytes->size() != found.entry->length) {
    found.error = "get: " + std::to_string(bytes->size()) + " bytes; stat says " +
                  std::to_string(found.entry->length);
  } else if (bytes.has_value()) {
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
    case Kind::STARTED: return "a file begun";
  }
  return "";
}

bool matches(const Found& found, const Expected& expected, std::uint64_t losses) {
  if (!found.error.empty()) return false;
  const auto held = expected.held.bytes(losses);
  if (!found.entry.has_value()) {
    return expected.kind == Kind::ABSENT || (expected.kind == Kind::STARTED && held == 0);
  }
  const Entry& entry = *found.entry;
  switch (expected.kind) {
    case Kind::ABSENT: return false;
    case Kind::DIRECTORY: return entry.isDirectory();
    case Kind::FILE:
      return !entry.isDirectory() && !entry.underConstruction &&
             found.bytes == expected.content.bytes();
    case Kind::STARTED:
      if (entry.isDirectory()) return false;
      // closeFiles() has said what there is to say of it.
      if (entry.underConstruction) return true;
      return found.bytes.size() >= held && expected.content.bytes().starts_with(found.bytes);
  }
  return false;
}

// How long a recovery may take when every datanode is there: heartbeats, and attempts that an
// earlier one is in the way of.
constexpr unsigned CLOSE_ROUNDS = 120;
constexpr kj::Duration CLOSE_PAUSE = 5 * kj::SECONDS;
// What recoveries removed is reclaimed by then.
constexpr kj::Duration CLOSE_SETTLE = 1 * kj::MINUTES;

}  // namespace

kj::Promise<void> closeFiles(client::FileSystem& files, Verdict& verdict, SimWorld& world,
                             std::set<std::string> paths, bool leasesEnded, std::uint64_t losses) {
  for (unsigned round = 0; !paths.empty() && round < CLOSE_ROUNDS; ++round) {
    if (round > 0) co_await world.time.timer().afterDelay(CLOSE_PAUSE);
    std::set<std::string> open;
    for (const auto& path : paths) {
      const auto entry = co_await files.stat(path);
      // Other errors are found by who looks at the path.
      if (!entry.has_value() || entry->isDirectory() || !entry->underConstruction) continue;
      if (leasesEnded && losses == 0) {
        verdict.violation("at the end " + path + " is open, long after its lease");
      }
      const auto closed = co_await files.recoverLease(path);
      if (!closed.has_value()) {
        verdict.violation("at the end recoverLease " + path + ": " + closed.error().toString());
      } else if (!*closed) {
        open.insert(path);
      }
    }
    paths = std::move(open);
  }
  co_await world.time.timer().afterDelay(CLOSE_SETTLE);
  if (losses > 0) co_return;
  for (const auto& path : paths) {
    verdict.violation("at the end " + path + " cannot be recovered");
  }
}

kj::Promise<void> checkCopies(client::FileSystem& files, Verdict& verdict, std::string path,
                              std::uint64_t bytes) {
  const auto chunks = co_await files.locations(path);
  if (!chunks.has_value()) {
    verdict.violation("locations of " + path + ": " + chunks.error().toString());
    co_return;
  }
  for (const auto& chunk : *chunks) {
    if (chunk.offset >= bytes || chunk.replicas.size() >= REPLICATION) continue;
    verdict.violation(path + " has " + std::to_string(chunk.replicas.size()) +
                      " copies of the chunk at " + std::to_string(chunk.offset) + "; the first " +
                      std::to_string(bytes) + " bytes were flushed to " +
                      std::to_string(REPLICATION));
  }
}

kj::Promise<void> checkReplication(client::FileSystem& files, Verdict& verdict, SimWorld& world,
                                   const WorkerState& worker, unsigned datanodes) {
  for (const auto& [path, expected] : worker.model.certain()) {
    if (expected.kind != Kind::FILE) continue;
    const auto entry = co_await files.stat(path);
    const auto chunks = co_await files.locations(path);
    // checkWorker() has said what there is to say of those that are not there.
    if (!entry.has_value() || !chunks.has_value()) continue;
    const auto wanted = std::min<std::size_t>(entry->replication, datanodes);
    for (const auto& chunk : *chunks) {
      if (chunk.replicas.size() == wanted) continue;
      verdict.violation("at the end the chunk at " + std::to_string(chunk.offset) + " of " + path +
                        " has " + std::to_string(chunk.replicas.size()) + " replicas, not " +
                        std::to_string(wanted));
    }
    world.reach.count(Reached::COPIES_RIGHT);
  }
}

kj::Promise<void> checkWorker(client::FileSystem& files, Verdict& verdict, SimWorld& world,
                              const WorkerState& worker, std::uint64_t losses) {
  for (const auto& [path, expected] : worker.model.certain()) {
    const Found found = co_await lookAt(files, path);
    if (!matches(found, expected, losses)) {
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
    for (const auto& [path, expected] : operation.outcomes.back()) {
      const auto held = expected.held.bytes(losses);
      if (!worker.shared.onlyClientsFail || held == 0) continue;
      world.reach.count(Reached::COPIES_HELD);
      co_await checkCopies(files, verdict, path, held);
    }
    bool possible = false;
    for (const auto& outcome : operation.outcomes) {
      bool all = true;
      for (const auto& [path, expected] : outcome) {
        all = all && matches(found.at(path), expected, losses);
      }
      possible = possible || all;
    }
    for (const auto& [path, expected] : operation.outcomes.back()) {
      countHeld(world.reach, expected.held, losses);
    }
    if (possible) continue;
    std::string text = "at the end no outcome of \"" + operation.what + "\" is there:";
    for (const auto& [path, what] : found) text += ' ' + path + " is " + describe(what) + ';';
    for (const auto& [path, expected] : operation.outcomes.back()) {
      if (expected.kind != Kind::STARTED) continue;
      const bool written = expected.content.bytes().starts_with(found.at(path).bytes);
      text += " held of it were " + std::to_string(expected.held.bytes(losses)) +
              (written ? " bytes;" : " bytes, and these were never written;");
    }
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
    if (!matches(found, {Kind::FILE, winner}, 0)) {
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
