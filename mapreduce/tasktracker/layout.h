// Where a task tracker keeps things, below its directory:
//   lock, uuid
//   jobs/<job>/program                  the staged program, one a job
//   jobs/<job>/attempts/<attempt>/      an attempt's scratch and working directory
//   jobs/<job>/outputs/<attempt>        finished map outputs; kept until the job is over
//   logs/<job>/<attempt>/{stdout,stderr}
// Nothing here is synced: what a crash of the machine takes or tears is found out by its checksum
// and made again.
// Layer: mapreduce/tasktracker.  Threads: functions; those that touch the disk block.
#pragma once

#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "mapreduce/api/ids.h"

namespace cairn::mr {

// Jobs whose logs are kept; the newest.
inline constexpr std::size_t LOGGED_JOBS_MAX = 100;

class Layout {
public:
  explicit Layout(std::string directory) : directory_(std::move(directory)) {}

  const std::string& directory() const { return directory_; }
  std::string jobs() const { return directory_ + "/jobs"; }
  std::string job(const JobId& id) const { return jobs() + "/" + id.toString(); }
  std::string program(const JobId& id) const { return job(id) + "/program"; }
  std::string scratch(const AttemptId& id) const {
    return job(id.task.job) + "/attempts/" + id.toString();
  }
  std::string outputs(const JobId& id) const { return job(id) + "/outputs"; }
  std::string output(const AttemptId& id) const {
    return outputs(id.task.job) + "/" + id.toString();
  }
  std::string logs() const { return directory_ + "/logs"; }
  std::string logs(const AttemptId& id) const {
    return logs() + "/" + id.task.job.toString() + "/" + id.toString();
  }

private:
  std::string directory_;
};

// --- Blocking work, for the work pool ---

// The directory itself and its uuid, made at its first use. IN_USE is the lock's business.
Result<Uuid> openTrackerDirectory(const Layout& layout, const Uuid& fresh);
// Removes what attempts of an earlier life left; says what else of it is there.
struct HeldFile {
  AttemptId attempt;
  std::uint64_t lengthBytes = 0;
};
struct Leftovers {
  std::vector<HeldFile> outputs;  // of maps
  std::vector<JobId> jobs;        // whose directories are there, with outputs or without
};
Result<Leftovers> tidyAndList(const Layout& layout);
// An empty scratch directory that belongs to this user (0: the process's), and one for logs.
Result<void> makeAttemptDirectories(const Layout& layout, const AttemptId& id, std::uint32_t uid,
                                    std::uint32_t gid);
Result<void> removeTree(const std::string& path);
// Moves a map's output file from its scratch directory. INVALID_ARGUMENT when `path` is no file in
// there, or not as long as its segments say. Its length.
Result<std::uint64_t> keepMapOutput(const Layout& layout, const AttemptId& id,
                                    const std::string& path, std::uint64_t endOfSegments);
void pruneLogs(const Layout& layout);

}  // namespace cairn::mr
