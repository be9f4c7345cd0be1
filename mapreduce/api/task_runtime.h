// Where the engine and the outside world meet. The engine (mapreduce/task/kernel.h) runs one task
// attempt against a TaskRuntime; whoever implements TaskRuntime moves the bytes: the RPC part of
// the task process against a cluster, LocalRunner against local files.
// Layer: mapreduce api (base only: no kj, no rpc).
// Threads: the engine calls every method of one TaskRuntime, and of the streams and sinks it
// gave out, from one thread, the task's. All may block. An implementation keeps its own threads
// for heartbeats, read-ahead and fetching.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cairn/mr/conf.h"
#include "cairn/mr/counters.h"
#include "common/base/bytes.h"
#include "common/base/result.h"
#include "mapreduce/api/ids.h"
#include "mapreduce/api/unique_fd.h"
#include "mapreduce/plan/splits.h"
#include "mapreduce/shuffle/segment_index.h"

namespace cairn::mr {

// --- Input and output ---

// One input file, open for positional reads.
class InputStream {
public:
  virtual ~InputStream() = default;
  // Fills `to` from `offset`; returns how many bytes. Fewer than asked only at the end of the
  // file; 0 at or after it. The engine reads a split from front to back, a few hundred KiB at a
  // time, and then somewhat past its end: read ahead up to the split's end, not further.
  virtual Result<std::size_t> readAt(std::uint64_t offset, MutableBytes to) = 0;
};

// Where input files come from when the job runs in this process (--local). A tracker plans the
// splits of a submitted job itself, from chunk locations.
class InputSource {
public:
  virtual ~InputSource() = default;
  // The files that an input path names: itself, or the children of a directory except those
  // whose names begin with '_' or '.'. NOT_FOUND when there is nothing of this name.
  virtual Result<std::vector<InputFile>> list(std::string_view path) = 0;
  virtual Result<std::unique_ptr<InputStream>> open(std::string_view path) = 0;
};

// One output file of an attempt. It stands aside until the attempt has won; dropping the sink
// without close() discards it.
class OutputSink {
public:
  virtual ~OutputSink() = default;
  // Takes the bytes (copies or sends them) before it returns.
  virtual Result<void> write(ByteView bytes) = 0;
  // The file is complete and as durable as the job's output shall be, still aside.
  virtual Result<void> close() = 0;
};

// --- The task ---

struct TaskSpec {
  AttemptId attempt;
  std::uint32_t maps = 0;
  std::uint32_t reduces = 0;  // 0: map-only, maps write the job's output
  InputSplit split;           // MAP only
  JobConf conf;
  // An existing directory of this attempt's own, on a local disk. The engine writes nowhere else.
  std::string scratchDir;
};

// The partition's segment of one finished map, as it came from the map's node.
struct FetchedSegment {
  std::uint32_t mapIndex = 0;
  std::uint32_t mapAttempt = 0;
  // What the map said about it (MapOutputIndex). With lengthBytes 0 there is nothing for this
  // partition, and neither `body` nor the other members are looked at. `place.offset` counts only
  // for a body InFile.
  SegmentPlace place;
  // Same host: a descriptor of the map output file (read by pread only, so descriptors may share
  // a file offset). Other hosts: the segment's bytes as they stand in that file (FORMAT.md).
  // The engine checks them before it uses them.
  struct InFile {
    UniqueFd fd;
  };
  std::variant<ByteVector, InFile> body;
};

struct TaskReport {
  float progress = 0;                    // 0 to 1
  std::string_view phase;                // "map", "sort", "shuffle", "reduce"
  std::string_view status;               // the program's own line, may be empty
  const CounterSet* counters = nullptr;  // so far; valid during the call
};

// What a successful attempt leaves behind.
struct TaskOutcome {
  CounterSet counters;
  // A map of a job with reduces: its output file, inside scratchDir, which whoever runs the
  // process keeps until the job ends, and the place of each partition in it.
  std::string mapOutputPath;
  MapOutputIndex mapOutput;
  // A reduce, or a map without reduces: the closed output files by name.
  struct File {
    std::string name;
    std::uint64_t lengthBytes = 0;
    std::uint64_t records = 0;
  };
  std::vector<File> outputFiles;
};

class TaskRuntime {
public:
  virtual ~TaskRuntime() = default;

  virtual const TaskSpec& spec() const = 0;

  // MAP: the file of the split.
  virtual Result<std::unique_ptr<InputStream>> openInput(const InputSplit& split) = 0;

  // REDUCE: the next map's segment for this partition, in any order of maps, blocking until there
  // is one; nothing once every map of the job has been delivered and accepted. An implementation
  // fetches ahead within a bound of its own. UNAVAILABLE and the like fail the attempt: retries
  // and the report of lost map outputs are the implementation's.
  virtual Result<std::optional<FetchedSegment>> nextSegment() = 0;
  // The delivered segment does not match its checksum or its place. The implementation reports
  // the map's attempt as lost, and delivers this map again later, from a new attempt.
  virtual Result<void> rejectSegment(std::uint32_t mapIndex, std::uint32_t mapAttempt,
                                     const Status& why) = 0;

  // Creates `name` ("part-r-00000") among the attempt's outputs, aside.
  virtual Result<std::unique_ptr<OutputSink>> createOutput(std::string_view name) = 0;

  // Called between batches of records, every few milliseconds of work: must be cheap, throttle
  // inside. CANCELLED when the attempt shall stop; the engine then returns at once.
  virtual Result<void> report(const TaskReport& report) = 0;

  // After all outputs are closed: may this attempt be the one? Blocks until the tracker has
  // answered. CANCELLED when another attempt of the task has won. Not called for maps of a job
  // with reduces: their outputs become known through finished().
  virtual Result<void> awaitCommit() = 0;

  // The last call: what came out. A failure carries the sentence shown to the user. Delivers it
  // reliably before it returns; an error here means that nobody knows.
  virtual Result<void> finished(const Result<TaskOutcome>& outcome) = 0;
};

// --- The job ---

struct JobSubmission {
  std::string name;
  std::vector<std::string> inputs;
  std::string output;
  std::uint32_t reduces = 1;
  JobConf conf;
  // The executable that is the task, and the arguments it gets besides the one that makes it a
  // task ("--cairn-task"): enough for main() to come to the same Job.
  std::string programPath;
  std::vector<std::string> programArgs;
};

// Addresses as the user gave them on the command line; empty = environment, configuration file,
// default, in that order.
struct ClusterOptions {
  std::string namenode;
  std::string jobtracker;
};

class JobSubmitter {
public:
  virtual ~JobSubmitter() = default;
  // Submits, shows progress on standard error, waits for the end, prints the counters.
  // TASK_FAILED with the task's last lines of stderr when the job failed; ALREADY_EXISTS for an
  // output that is there.
  virtual Result<void> submitAndWait(const JobSubmission& job) = 0;
};

// How Job::run reaches the world. A null member means that this program was linked without it;
// the user is told so.
struct Backends {
  // `controlFd` is connected to the task tracker.
  Result<std::unique_ptr<TaskRuntime>> (*openTask)(int controlFd) = nullptr;
  Result<std::unique_ptr<JobSubmitter>> (*openSubmitter)(const ClusterOptions&) = nullptr;
};

// Descriptor on which a task tracker talks to the task process it started.
inline constexpr int TASK_CONTROL_FD = 3;
// First argument of a program that is executed as a task.
inline constexpr std::string_view TASK_FLAG = "--cairn-task";

// Defined once per program, by the library it links: mapreduce_task (the real one) or
// mapreduce_local_only (neither tasks nor submission).
Backends defaultBackends();

}  // namespace cairn::mr
