# task.capnp: between a task tracker and one task process that it started, over the process's
# descriptor 3. The connection is the attempt: when it ends without finished(), the attempt failed.
@0xc9aa2f199d953b26;
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cairn::wire");
using import "/common/schema/base.capnp".Fault;
using import "/common/schema/job.capnp".Property;
using import "/common/schema/job.capnp".CounterValue;
using import "/common/schema/tracker.capnp".Split;
using import "/common/schema/tracker.capnp".OutputFile;
using import "/common/schema/tracker.capnp".MapOutput;
using import "/common/schema/tracker.capnp".Segment;

struct TaskDescription {
  attempt @0 :Text;
  maps @1 :UInt32;
  reduces @2 :UInt32;
  split @3 :Split;
  conf @4 :List(Property);
  scratchDirectory @5 :Text; # local, the attempt's own
  outputDirectory @6 :Text;  # in the file system
  namenode @7 :Text;
  user @8 :Text;
  machine @9 :Text;          # boot id of the host
  node @10 :UInt32;          # the datanode beside it; 0 = none
}

interface MapOutputFile {
  # Carries the descriptor of a map output file, opened for reading.
}

interface TaskHost {
  getTask @0 () -> (fault :Fault, task :TaskDescription);

  report @1 (progress :Float32, phase :Text, status :Text, counters :List(CounterValue))
      -> (fault :Fault);
  # Also the sign of life: an attempt without a report for mapreduce.task.timeout is killed.
  # CANCELLED: stop.

  mapOutputs @2 (afterVersion :UInt64) -> (fault :Fault, version :UInt64,
                                           outputs :List(MapOutput));
  # As TrackerSession.mapOutputs. Waits out a restart of the job tracker.

  openMapOutput @3 (output :MapOutput) -> (fault :Fault, file :MapOutputFile);
  # For outputs on this host. NOT_FOUND: it is not (any more); fetch it from its tracker.

  mapOutputLost @4 (map :UInt32, attempt :UInt32, reason :Fault) -> (fault :Fault);

  shuffled @5 () -> ();
  # All map outputs are here; none is needed any more.

  commit @6 (files :List(OutputFile)) -> (fault :Fault, granted :Bool);
  # As TrackerSession.commit.

  finished @7 (counters :List(CounterValue), outcome :TaskOutcome) -> (fault :Fault);
  # The last call. Answered when the job tracker knows it.
}

struct TaskOutcome {
  union {
    mapOutput :group {
      path @0 :Text;           # inside the scratch directory
      segments @1 :List(Segment);
    }
    committed @2 :Void;
    failed @3 :Text;           # the sentence shown to the user
  }
}
