# datanode.capnp: what a datanode offers to clients and to other datanodes.
@0x8722a08914937721;
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cairn::wire");
using import "/common/schema/base.capnp".Fault;
using import "/common/schema/base.capnp".ChunkRef;
using import "/common/schema/base.capnp".NodeAddress;
using import "/common/schema/namenode.capnp".Codec;
using import "/common/schema/namenode.capnp".SealedReplica;

struct Packet {
  # Whole frames, as they stand in the replica's file (common/format/FORMAT.md).
  offset @0 :UInt64;         # of the first plain byte in the chunk: the end of the packet before
  plainLength @1 :UInt32;
  frames @2 :Data;           # concatenated; about 1 MiB of plain bytes at most
}

interface ReplicaWriter {
  # One replica being written here and, through this node, on those behind it in the pipeline.
  # Calls take effect in the order they are made. After a fault only dropping it makes sense.
  # Dropped before finish() answered: the replicas stay as unfinished ones and are reported.

  push @0 (packet :Packet) -> (fault :Fault, failedNode :UInt32);
  # Answered when every node of the pipeline has the bytes (not: on disk). Many may be in flight;
  # the writer bounds their bytes (openWriter's window).

  sync @1 () -> (fault :Fault, failedNode :UInt32);
  # Answered when all that was pushed before is on the disks of the whole pipeline.

  finish @2 (length :UInt64, plainCrc :UInt32, md5 :Data)
      -> (fault :Fault, failedNode :UInt32, sealed :List(SealedReplica));
  # md5 empty: plainCrc says nothing either, the nodes count both themselves (after an append).
  # Seals the replicas: footer, trailer, fsync, rename, fsync of the directory; then answered.
  # length, plainCrc, md5: of all plain bytes, as FORMAT.md's trailer has them; a node that decoded
  # the frames compares. sealed: the nodes on which the replica is final and durable.
}

struct Resume {
  # Goes on with a replica that is here already, after a pipeline lost a node or for an append.
  generation @0 :UInt64;     # as the namenode has it recorded; 0: a new replica, no resumption
  length @1 :UInt64;         # plain bytes to keep: what is behind them is cut off
}

enum UnfinishedState { final @0; writing @1; waiting @2; }
# writing: its writer was at work in this life of the process; waiting: found after a restart.

interface Datanode {
  ping @0 () -> ();

  openWriter @1 (chunk :ChunkRef, codec :Codec, frameSize :UInt32, chunkSize :UInt64,
                 downstream :List(NodeAddress), token :Data, node :UInt32, resume :Resume)
      -> (fault :Fault, failedNode :UInt32, writer :ReplicaWriter, window :UInt64);
  # window: stored bytes that may be pushed and not answered yet, the least of what the pipeline's
  # nodes grant; one packet may be in any case. 0 (an older node): limits.h WRITE_WINDOW_BYTES.
  # node: whom the caller means; another node answers STALE. Opens the pipeline behind this node
  # first; failedNode names the one that could not. The last node decodes every frame.
  # chunkSize: plain bytes at most.
  # resume: chunk has the new generation; each node takes its replica of a generation in
  # [resume.generation, chunk.generation), finished or not, ends a writer that still has it, cuts it
  # to resume.length, and gives it the new generation, all durably, before the answer. NOT_FOUND
  # when it has none, STALE when a newer one, INVALID_ARGUMENT when it is shorter. Packets go on at
  # resume.length.

  read @2 (chunk :ChunkRef, offset :UInt64, length :UInt32, token :Data, node :UInt32,
           newerToo :Bool)
      -> (fault :Fault, frames :Data, offset :UInt64, plainLength :UInt32);
  # Whole frames that cover plain bytes [offset, offset + length), as stored, from the frame that
  # holds offset on, at most about 1 MiB of plain bytes a call (at least one frame). offset at or
  # behind the end: no frames. newerToo: a replica of a newer generation will do (LocatedChunk's
  # changing). NOT_FOUND, STALE, CORRUPT (the namenode is told); UNAVAILABLE: it was on a volume
  # that has failed, or is being changed in this moment.

  stat @3 (chunk :ChunkRef, token :Data, newerToo :Bool)
      -> (fault :Fault, length :UInt64, storedLength :UInt64, final :Bool);
  # length of one that is being written: what every node of its pipeline behind this one has, too.
  # A reader may see it (read() serves it), and it is never cut again while a node of them lives.
  # newerToo, and faults: as of read.

  checksum @4 (chunk :ChunkRef, length :UInt64, token :Data, node :UInt32)
      -> (fault :Fault, md5 :Data, plainLength :UInt64);
  # MD5 over the CRC32Cs of each 512 of the first length plain bytes, as FORMAT.md's trailer has it:
  # of a whole finished replica without a read.

  fetchReplica @5 (chunk :ChunkRef, length :UInt64, source :NodeAddress, token :Data,
                   node :UInt32) -> (fault :Fault);
  # Copies frames from another datanode: the first length plain bytes of its replica, as an
  # unfinished one of the same generation here. Durable when answered.

  initRecovery @6 (chunk :ChunkRef, newGeneration :UInt64, token :Data, node :UInt32)
      -> (fault :Fault, generation :UInt64, length :UInt64, state :UnfinishedState,
          damaged :Bool, lost :Bool);
  # The primary asks: what is there of this chunk, of its generation or a newer one? Ends a writer
  # that still has it, and from now on no recovery with a lower new generation is obeyed (STALE).
  # damaged: good frames follow behind a bad one, which is where length ends: it had more.
  # lost: with UNAVAILABLE: it was on a volume that has failed, and may be back when the datanode
  # starts again.

  recoverReplica @7 (chunk :ChunkRef, newGeneration :UInt64, length :UInt64, token :Data,
                     node :UInt32) -> (fault :Fault, storedLength :UInt64);
  # After initRecovery: makes the replica a final one of the new generation with exactly length
  # plain bytes, in a new file where a frame has to be cut. Durable when answered; may be repeated.
}

interface OpenReplica {
  # Carries the descriptor of a final replica's file, opened for reading.
}

interface LocalDatanode {
  # Over the Unix socket, for clients on the same host.
  open @0 (chunk :ChunkRef, token :Data, node :UInt32)
      -> (fault :Fault, replica :OpenReplica, storedLength :UInt64);
}
