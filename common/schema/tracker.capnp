# tracker.capnp: between the job tracker and its task trackers, and between task trackers and the
# reduces that fetch map outputs from them.
@0xc3971710ed283f5b;
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cairn::wire");
using import "/common/schema/base.capnp".Fault;
using import "/common/schema/base.capnp".Uuid;
using import "/common/schema/job.capnp".Property;
using import "/common/schema/job.capnp".CounterValue;
using import "/common/schema/job.capnp".Program;

struct Split {
  # Bytes [offset, offset + length) of a file; the first record is the one that begins in it.
  path @0 :Text;
  offset @1 :UInt64;
  length @2 :UInt64;
  chunkBytes @3 :UInt64;     # the file's chunk size
}

struct TaskLaunch {
  # Everything a tracker needs to run one attempt.
  attempt @0 :Text;
  maps @1 :UInt32;
  reduces @2 :UInt32;
  split @3 :Split;           # of a map
  conf @4 :List(Property);
  program @5 :Program;
  user @6 :Text;
  outputDirectory @7 :Text;
  # In the file system: where the attempt's output files stand until it has won.
}

struct Segment {
  # One partition's part of a map output file.
  offset @0 :UInt64;
  length @1 :UInt64;         # bytes of the file; 0: nothing for this partition
  records @2 :UInt64;
  plainLength @3 :UInt64;    # as it was before the file's own compression
  crc32c @4 :UInt32;         # of the segment's bytes in the file
}

struct OutputFile {
  name @0 :Text;
  length @1 :UInt64;
  records @2 :UInt64;
}

struct AttemptResult {
  attempt @0 :Text;
  counters @1 :List(CounterValue);
  union {
    mapOutput @2 :List(Segment);
    # A map of a job with reduces: its output file stays with the tracker; one segment a reduce.
    committed @3 :Void;
    # Its output files were promoted by commit().
    failed @4 :AttemptEnd;
  }
}

struct AttemptEnd {
  message @0 :Text;
  stderrTail @1 :Text;
  killed @2 :Bool;           # by request or with its tracker: does not count as a failure
}

struct AttemptProgress {
  attempt @0 :Text;
  progress @1 :Float32;
  phase @2 :Text;            # "map", "sort", "shuffle", "reduce"
  status @3 :Text;           # the program's own line
  counters @4 :List(CounterValue);
  shuffled @5 :Bool;         # a reduce that needs no map output any more
}

struct HeldOutput {
  attempt @0 :Text;
  length @1 :UInt64;         # of the file
}

struct TrackerInfo {
  uuid @0 :Uuid;             # of its directory
  boot @1 :Uuid;             # of this life of the process
  name @2 :Text;             # for people
  address @3 :Text;          # where reduces fetch: MapOutputs, role PEER
  machine @4 :Text;          # boot id of the host
  rack @5 :Text;
  node @6 :UInt32;           # the datanode beside it; 0 = none
  mapSlots @7 :UInt32;
  reduceSlots @8 :UInt32;
  version @9 :Text;
  directory @10 :Text;       # absolute, on its host
}

struct MapOutput {
  # Where one partition of one map's output is now.
  map @0 :UInt32;
  attempt @1 :UInt32;
  available @2 :Bool;        # false: lost; a new attempt will follow
  address @3 :Text;
  machine @4 :Text;
  directory @5 :Text;        # the tracker's, for descriptor hand-over on that host
  segment @6 :Segment;
}

interface TaskTracker {
  # The tracker's own object, given to the job tracker when it registers. Calls take effect in the
  # order they are made.
  launch @0 (attempts :List(TaskLaunch)) -> (fault :Fault);
  # Answered when the tracker has taken them; how they fare comes through TrackerSession. An
  # attempt that it runs already is left alone.
  kill @1 (attempts :List(Text), reason :Text) -> ();
  # Unknown ones are ignored. Each known one ends with a result of its own.
  forget @2 (jobs :List(Text)) -> ();
  # These jobs are over: end what still runs of them and remove their files.
}

interface TrackerMaster {
  # What the job tracker offers to a connection with role TASK_TRACKER.
  register @0 (info :TrackerInfo, tracker :TaskTracker, running :List(Text),
               held :List(HeldOutput), jobs :List(Text))
      -> (fault :Fault, session :TrackerSession, heartbeatMs :UInt32, forgotten :List(Text));
  # running: attempts that live on from before; ones that the job tracker has given up are killed.
  # held: map outputs on its disk. jobs: all of which it has anything there. forgotten: those among
  # all of these that are over.
  # A second registration with the same uuid ends the first one's session.
}

interface TrackerSession {
  # One registration. Every call is safe to repeat, over a later session too.

  heartbeat @0 (attempts :List(AttemptProgress)) -> (fault :Fault);
  # At least every heartbeatMs, and at once when progress is worth showing. A tracker that is
  # silent too long is lost: what ran there runs elsewhere.

  commit @1 (attempt :Text, files :List(OutputFile)) -> (fault :Fault, granted :Bool);
  # The attempt's files are complete. granted: this attempt has won and its files have been
  # promoted, durably. Not granted: another attempt of the task has won, or the attempt was given up.

  finished @2 (result :AttemptResult) -> (fault :Fault);
  # Answered when durable.

  mapOutputs @3 (job :Text, reduce :UInt32, afterVersion :UInt64)
      -> (fault :Fault, version :UInt64, outputs :List(MapOutput));
  # What has changed since afterVersion (0: everything); waits until something has. At most
  # a page (thousands); ask again. CANCELLED when the job is over.

  mapOutputLost @4 (job :Text, map :UInt32, attempt :UInt32, reporter :Text, reason :Fault)
      -> (fault :Fault);
  # A reduce cannot get this output. CORRUPT and NOT_FOUND: the map runs again at once. Others
  # (the node may only be slow): when reports gather, or the tracker is lost.
}

interface MapOutputs {
  # What a task tracker offers to a connection with role PEER.
  read @0 (attempt :Text, offset :UInt64, length :UInt32) -> (fault :Fault, bytes :Data);
  # Bytes of a map output file, at most about 1 MiB a call; fewer only at its end.
  # NOT_FOUND: this tracker does not hold it (any more).
}
