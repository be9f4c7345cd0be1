# cluster.capnp: what the namenode offers to datanodes. Only datanodes of its cluster get it.
@0xde4f7d4f66d079d1;
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cairn::wire");
using import "/common/schema/base.capnp".Fault;
using import "/common/schema/base.capnp".Uuid;
using import "/common/schema/base.capnp".ChunkRef;
using import "/common/schema/base.capnp".NodeAddress;
using import "/common/schema/namenode.capnp".VolumeReport;
using import "/common/schema/namenode.capnp".SealedReplica;

enum ReplicaState { final @0; rbw @1; quarantined @2; damaged @3; }
# rbw: being written, or found unfinished after a crash. damaged: in its place, final or found
# unfinished, and some of it reads wrong; length: of an unfinished one, before the damage.

struct ReplicaReport {
  chunk @0 :ChunkRef;
  length @1 :UInt64;         # plain bytes
  storedLength @2 :UInt64;   # bytes of the file
  state @3 :ReplicaState;
  volume @4 :UInt8;          # index in the datanode's list of volumes
}

struct RangeDigest {
  # Order-independent digest of the final replicas whose chunk id lies in one range of
  # inventory.h. Equal digests: equal sets, but for a chance of 2^-128.
  range @0 :UInt64;
  count @1 :UInt64;
  sum @2 :Uuid;
}

struct DatanodeInfo {
  uuid @0 :Uuid;             # of its directory, made at its first start
  boot @1 :Uuid;             # of this life of the process: a new one means its pipelines died
  node @2 :UInt32;           # the number it was given before; 0 at its first registration
  address @3 :NodeAddress;
  volumes @4 :List(VolumeReport);
  version @5 :Text;
  heardEpoch @6 :UInt64;     # the newest epoch of a namenode that it has followed; 0: none
  heardGroup @7 :UInt64;     # the newest group of changes that this one has named to it
}

struct Command {
  # From the namenode; obeyed only when epoch is the current one.
  epoch @0 :UInt64;
  union {
    none @1 :Void;
    deleteReplicas @2 :List(ChunkRef);
    # Exactly these generations. The datanode reports them as removed when they are gone.
    register @3 :Void;
    # The namenode does not know the datanode (any more): register again.
    reportRanges @4 :List(UInt64);
    # Send reportRange for each of these.
    verifyReplicas @5 :List(ChunkRef);
    # Somebody found these damaged: read them whole. A damaged one goes to quarantine and is
    # reported as such; a good one is reported as final again. Ordered only where other copies are
    # good.
    recoverChunk @6 :ChunkRecovery;
    # Be the primary of this chunk's recovery.
    checkReplicas @7 :List(ChunkRef);
    # As verifyReplicas, but a damaged one stays in its place and is reported as damaged: what is
    # good of it may be needed.
    copyReplicas @8 :List(CopyOrder);
    # Make copies of these, one each.
  }
}

struct CopyOrder {
  # A chunk has fewer replicas than wanted: take one in from a datanode that has it, as it is there,
  # and report it as a final one; also when it is here already.
  chunk @0 :ChunkRef;
  length @1 :UInt64;         # plain bytes
  sources @2 :List(NodeAddress); # in the order to try
}

struct CopyFailure {
  # A copy that was ordered and could not be made.
  chunk @0 :ChunkRef;
  damaged @1 :List(UInt32);  # the sources that sent it damaged
}

struct ChunkRecovery {
  # The writer is gone, or the chunk is to be cut: the primary asks every node what it has
  # (initRecovery), decides on a length, lets each make its replica final with it (recoverReplica)
  # and tells the namenode (commitRecovery).
  chunk @0 :ChunkRef;        # as recorded
  newGeneration @1 :UInt64;
  nodes @2 :List(NodeAddress); # those that may have it, the primary included
  cut @3 :Bool;              # to length; else to the longest that all healthy replicas have
  length @4 :UInt64;
  least @5 :UInt64;
  # Plain bytes that are known to have been there (closed, or synced): no replica is cut to fewer,
  # those that have fewer are left out, and without one that has as many the recovery fails.
  older @6 :List(NodeAddress);
  # Nodes with a copy from before the present writing, of generation oldest or a newer one: to be
  # used only when none of nodes has least bytes.
  oldest @7 :UInt64;
  withoutLost @8 :Bool;
  # Replicas that are lost with a volume (initRecovery) have been waited for long enough: their
  # nodes count as if they had none.
}

interface DatanodeMaster {
  register @0 (info :DatanodeInfo) -> (fault :Fault, node :UInt32, epoch :UInt64, cluster :Uuid,
                                       heartbeatMs :UInt32, group :UInt64);
  # group: the namenode's newest durable one; 0: its directory is older than it should be, and the
  # datanode remembers what it has followed before. WRONG_CLUSTER, IN_USE (a live datanode has this uuid),
  # UNSUPPORTED_VERSION, STALE (the datanode has followed a newer epoch).

  compareInventory @1 (node :UInt32, epoch :UInt64, ranges :List(RangeDigest), last :Bool)
      -> (fault :Fault, unequal :List(UInt64));
  # After registering: all ranges that hold replicas, in order of range, in as many calls as it
  # takes; last marks the end. The answer names the ranges that differ or that the caller lacks:
  # each is to be reported. A datanode without any replica sends one empty, last call.

  reportRange @2 (node :UInt32, epoch :UInt64, range :UInt64, replicas :List(ReplicaReport))
      -> (fault :Fault);
  # The full truth about one range; replaces what the namenode believed.

  heartbeat @3 (node :UInt32, epoch :UInt64, volumes :List(VolumeReport), activeTransfers :UInt32,
                quarantined :UInt64, changed :List(ReplicaReport), removed :List(ChunkRef),
                copiesFailed :List(CopyFailure))
      -> (fault :Fault, commands :List(Command), group :UInt64);
  # group: as in register. changed, removed, copiesFailed: since the last heartbeat that was answered; may repeat. Sent
  # every heartbeatMs, and at once when a replica was finished or a volume failed.

  commitRecovery @4 (node :UInt32, epoch :UInt64, chunk :ChunkRef, newGeneration :UInt64,
                     length :UInt64, sealed :List(SealedReplica)) -> (fault :Fault);
  # The outcome: these replicas are final, of the new generation, with length plain bytes. None: no
  # node has any byte of it. STALE: another recovery was begun since.
}
