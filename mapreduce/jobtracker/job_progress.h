// What a person who waits for a job is shown, in Hadoop's words, which scripts look for.
// Layer: mapreduce/jobtracker.  Pure.  Threads: a value.
#pragma once

#include <cstdint>
#include <string>

#include "mapreduce/jobtracker/job_client.h"

namespace cairn::mr {

// How many of the maps that were launched so far stood beside their input.
struct MapLocality {
  std::int64_t local = 0;
  std::int64_t launched = 0;
};
MapLocality mapLocalityOf(const CounterSet& counters);

class JobProgress {
public:
  // `terminal`: one line that is drawn over again; otherwise a line whenever a percentage changes.
  explicit JobProgress(bool terminal) : terminal_(terminal) {}

  // What to write for this state, in order, line ends included; often nothing. Failed attempts are
  // told with the last lines they wrote.
  std::string update(const JobStatus& status);

private:
  const bool terminal_;
  bool begun_ = false;
  bool lineOpen_ = false;  // of a terminal
  std::string shown_;
};

// "maps" and "reduces" of a job's state in one line: "map 37% reduce 0%".
std::string progressText(const JobStatus& status);

}  // namespace cairn::mr
