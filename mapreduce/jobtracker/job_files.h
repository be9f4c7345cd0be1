// What the job tracker does in the file system on behalf of a job: look at the input, keep the
// output aside while it is made, make it appear in one step.
// Layer: mapreduce/jobtracker.  Threads: one event loop.
//
// Layout, for output /a/out of job J (everything is created as the job's user):
//   /a/_temporary.J/attempts/<attempt>/part-r-00000   being written by an attempt
//   /a/_temporary.J/output/part-r-00000               promoted: the winners' files
//   /a/out                                            = .../output, renamed, with _SUCCESS in it
// Only the job tracker renames, so an attempt that was given up cannot touch the result, however
// long it lives on; what it writes goes with /a/_temporary.J.
// Every call may be repeated after a crash.
#pragma once

#include <kj/async.h>

#include <string>
#include <vector>

#include "common/async/coroutine.h"
#include "common/base/result.h"
#include "common/schema/job.pb.h"
#include "mapreduce/api/ids.h"

namespace cairn::mr {

// "/a/_temporary.job_1700000000000_0001" for output "/a/out".
std::string workDirectory(const std::string& output, const JobId& job);
// Where the attempt's files stand until it has won.
std::string attemptDirectory(const std::string& output, const AttemptId& attempt);
// "/user/<user>/.staging/<job>".
std::string stagingDirectory(const std::string& user, const JobId& job);

class JobFiles {
public:
  virtual ~JobFiles() = default;

  // The splits of the job's inputs with the places of their bytes. NOT_FOUND names the input.
  struct Plan {
    std::vector<record::Place> places;
    std::vector<record::Split> splits;
  };
  virtual kj::Promise<Result<Plan>> plan(const record::JobSpec& spec) = 0;

  // ALREADY_EXISTS when the output is there; otherwise makes the directories of the layout.
  virtual kj::Promise<Result<void>> prepare(const record::JobSpec& spec, const JobId& job) = 0;

  // Moves the attempt's files among the winners'. NOT_FOUND when one is in neither place.
  virtual kj::Promise<Result<void>> promote(const record::JobSpec& spec, const AttemptId& attempt,
                                            const std::vector<std::string>& files) = 0;

  // Puts _SUCCESS among the winners' files; the inode of their directory.
  virtual kj::Promise<Result<std::uint64_t>> seal(const record::JobSpec& spec,
                                                  const JobId& job) = 0;
  // The rename. `directory`: what seal() gave; success also when the output has that inode
  // already. ALREADY_EXISTS when the name was taken by another.
  virtual kj::Promise<Result<void>> publish(const record::JobSpec& spec, const JobId& job,
                                            std::uint64_t directory) = 0;

  // Removes the work directory and the staged program. Missing ones are fine.
  virtual kj::Promise<Result<void>> cleanUp(const record::JobSpec& spec, const JobId& job) = 0;
};

}  // namespace cairn::mr
