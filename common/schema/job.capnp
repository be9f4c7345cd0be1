# job.capnp: what the job tracker offers to clients, and the values that describe a job.
# Ids are texts in Hadoop's form: job_<ms>_<n>, attempt_<ms>_<n>_m_<task>_<attempt>.
# Sizes in bytes, times in ms since 1970 UTC, unless the name says otherwise.
@0xd6794883d739d8c2;
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cairn::wire");
using import "/common/schema/base.capnp".Fault;

struct Property {
  key @0 :Text;
  value @1 :Text;
}

struct CounterValue {
  # Canonical names, as mapreduce/api's counters.h has them.
  group @0 :Text;
  name @1 :Text;
  value @2 :Int64;
}

struct Program {
  # What is executed as the task.
  union {
    builtIn @0 :Void;
    # The tracker's own cairn binary.
    staged @1 :StagedFile;
    # Uploaded by the submitter; each tracker fetches it once a job.
  }
  args @2 :List(Text);
  # Behind the flag that makes the program a task.
}

struct StagedFile {
  path @0 :Text;             # in the file system
  length @1 :UInt64;
  crc32c @2 :UInt32;         # of all bytes; a copy that differs is not executed
}

struct JobSpec {
  name @0 :Text;             # for people
  user @1 :Text;             # on whose behalf files are read and written
  inputs @2 :List(Text);     # files and directories
  output @3 :Text;           # must not exist
  reduces @4 :UInt32;        # 0: maps write the output
  conf @5 :List(Property);   # Hadoop's keys; what is not known is handed to the tasks
  program @6 :Program;
}

enum JobState {
  running @0;
  committing @1;             # all tasks are done; the output is being made visible
  succeeded @2;
  failed @3;
  killed @4;
}

struct AttemptFailure {
  # One attempt that ended badly, for people.
  attempt @0 :Text;
  tracker @1 :Text;
  message @2 :Text;          # "exited with code 1"
  stderrTail @3 :Text;       # the last lines it wrote
  killed @4 :Bool;           # not its own fault (tracker lost, job killed): does not count
  time @5 :Int64;
}

struct TaskCounts {
  total @0 :UInt32;
  pending @1 :UInt32;
  running @2 :UInt32;
  done @3 :UInt32;
}

struct JobStatus {
  job @0 :Text;
  name @1 :Text;
  user @2 :Text;
  state @3 :JobState;
  mapProgress @4 :Float32;   # 0 to 1
  reduceProgress @5 :Float32;
  submitTime @6 :Int64;
  finishTime @7 :Int64;      # 0 while it runs
  message @8 :Text;          # why it failed or was killed
  version @9 :UInt64;        # grows with every change; see status()
  maps @10 :TaskCounts;
  reduces @11 :TaskCounts;
  failures @12 :List(AttemptFailure);
  # The failures from failuresFrom on, a page of them; ask again when failuresTotal says more.
  failuresTotal @13 :UInt32;
  counters @14 :List(CounterValue);
  # When asked for: sums over finished tasks, and what running ones last reported.
  output @15 :Text;
  trackers @16 :UInt32;      # registered now; 0 explains why nothing runs
}

struct TrackerStatus {
  name @0 :Text;
  address @1 :Text;
  node @2 :UInt32;           # the datanode beside it; 0 = none
  machine @3 :Text;
  rack @4 :Text;
  mapSlots @5 :UInt32;
  reduceSlots @6 :UInt32;
  runningMaps @7 :UInt32;
  runningReduces @8 :UInt32;
}

interface JobTracker {
  ping @0 () -> ();

  newJob @1 (user :Text) -> (fault :Fault, job :Text, stagingDirectory :Text);
  # An id nobody else gets, and where the submitter puts the program (created by the submitter,
  # removed by the job tracker when the job has ended). Nothing is recorded yet.

  submit @2 (job :Text, spec :JobSpec) -> (fault :Fault);
  # Answered when the job is durable: it then runs to its end whatever becomes of the client.
  # Repeating the call with the same id is safe. ALREADY_EXISTS: the output directory exists;
  # NOT_FOUND: an input does not; INVALID_ARGUMENT; LIMIT_EXCEEDED.

  status @3 (job :Text, afterVersion :UInt64, failuresFrom :UInt32, withCounters :Bool)
      -> (fault :Fault, status :JobStatus);
  # Answered once the job's version is greater than afterVersion (0: at once), or it has ended.
  # Changes of progress alone are gathered for a moment, so that a client sees a few a second.
  # A job that has ended is reported as such only when its end is durable.

  list @4 (all :Bool) -> (fault :Fault, jobs :List(JobStatus));
  # Newest first; without all only those that have not ended.

  kill @5 (job :Text, user :Text) -> (fault :Fault);
  # Answered when the decision is durable; attempts are stopped soon after. A job that has ended
  # stays as it is (not an error). FAILED is impossible once it is committing: IN_USE.

  trackers @6 () -> (fault :Fault, trackers :List(TrackerStatus));
}
