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
  # Seals the replicas: footer, trailer, fsync, rename, fsync of the directory; then answered.
  # length, plainCrc, md5: of all plain bytes, as FORMAT.md's trailer has them; a node that decoded
  # the frames compares. sealed: the nodes on which the replica is final and durable.
}

interface Datanode {
  ping @0 () -> ();

  openWriter @1 (chunk :ChunkRef, codec :Codec, frameSize :UInt32, chunkSize :UInt64,
                 downstream :List(NodeAddress), token :Data, node :UInt32)
      -> (fault :Fault, failedNode :UInt32, writer :ReplicaWriter, window :UInt64);
  # window: stored bytes that may be pushed and not answered yet, the least of what the pipeline's
  # nodes grant; one packet may be in any case. 0 (an older node): limits.h WRITE_WINDOW_BYTES.
  # node: whom the caller means; another node answers STALE. Opens the pipeline behind this node
  # first; failedNode names the one that could not. The last node decodes every frame.
  # chunkSize: plain bytes at most.

  read @2 (chunk :ChunkRef, offset :UInt64, length :UInt32, token :Data, node :UInt32)
      -> (fault :Fault, frames :Data, offset :UInt64, plainLength :UInt32);
  # Whole frames that cover plain bytes [offset, offset + length), as stored, from the frame that
  # holds offset on, at most about 1 MiB of plain bytes a call (at least one frame). offset at or
  # behind the end: no frames. NOT_FOUND, STALE, CORRUPT (the replica goes to quarantine).

  stat @3 (chunk :ChunkRef, token :Data)
      -> (fault :Fault, length :UInt64, storedLength :UInt64, final :Bool);
}

interface OpenReplica {
  # Carries the descriptor of a final replica's file, opened for reading.
}

interface LocalDatanode {
  # Over the Unix socket, for clients on the same host.
  open @0 (chunk :ChunkRef, token :Data, node :UInt32)
      -> (fault :Fault, replica :OpenReplica, storedLength :UInt64);
}
