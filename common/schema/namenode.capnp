# namenode.capnp: what the namenode offers to clients (and to the job tracker, a client like any).
# Every reply carries the txid at which it was true. Paths are absolute, UTF-8, without "." and "..".
@0xac4e2abedb4db37c;
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("cairn::wire");
using import "/common/schema/base.capnp".Fault;
using import "/common/schema/base.capnp".Uuid;
using import "/common/schema/base.capnp".CallInfo;
using import "/common/schema/base.capnp".ChunkRef;
using import "/common/schema/base.capnp".NodeAddress;

enum EntryKind { file @0; directory @1; }
enum Codec { none @0; zstd @1; }

struct Entry {
  # All attributes of a file or directory.
  id @0 :UInt64;             # InodeId
  name @1 :Text;             # the last component; "" where the path was asked for itself
  kind @2 :EntryKind;
  mode @3 :UInt16;           # permission bits, sticky included: 0..01777
  owner @4 :Text;
  group @5 :Text;
  mtime @6 :Int64;
  atime @7 :Int64;           # 0 for directories
  # Files only from here on.
  length @8 :UInt64;         # plain bytes of all completed chunks
  storedLength @9 :UInt64;   # bytes of one replica of each chunk on disk
  replication @10 :UInt16;
  chunkSize @11 :UInt64;     # plain bytes
  chunkCount @12 :UInt32;
  underConstruction @13 :Bool;
  codec @14 :Codec;
  childCount @15 :UInt32;    # directories only
  storagePolicy @16 :UInt8;  # set on this very entry; 0: none, it has that of a directory above
  codecSet @17 :Bool;        # directories: codec and zstdLevel hold for new files below
  zstdLevel @18 :Int8;       # of new chunks, where codec is zstd
  hasXAttrs @19 :Bool;
}

struct XAttr {
  # An extended attribute. HDFS's rules: name with its namespace, "user.origin".
  name @0 :Text;
  value @1 :Data;
}

struct ContentSummary {
  # Of a file, or of a directory and everything below it.
  files @0 :UInt64;
  directories @1 :UInt64;    # the directory itself included, as in HDFS
  length @2 :UInt64;         # plain bytes
  spaceConsumed @3 :UInt64;  # plain bytes times replication, as HDFS has it
  storedLength @4 :UInt64;   # bytes on disk of one replica of each chunk
  storedConsumed @5 :UInt64; # bytes on disk of all replicas that are wanted
}

struct LocatedChunk {
  chunk @0 :ChunkRef;
  offset @1 :UInt64;         # of its first plain byte in the file
  length @2 :UInt64;         # plain bytes; of one being written: those known to be there
  storedLength @3 :UInt64;   # bytes of one replica's file
  replicas @4 :List(NodeAddress);
  # For readers: nearest first. For writers: the pipeline in order.
  token @5 :Data;            # to be shown to the datanodes, opaque
  complete @6 :Bool;
  damaged @7 :Bool;          # every copy that is known reads wrong somewhere
  suspects @8 :UInt16;       # of the replicas: known to read wrong, or not verified since it was said
  suspectNodes @9 :List(UInt32);  # which these are
  changing @10 :Bool;
  # It is being written, cut or recovered: a datanode may have a replica of a newer generation,
  # which is not on record yet, and begins with the same bytes.
}

struct SealedReplica {
  node @0 :UInt32;
  storedLength @1 :UInt64;
}

struct ChunkCommit {
  # What a writer reports of a chunk that it has finished. chunk.id = 0: none.
  chunk @0 :ChunkRef;
  length @1 :UInt64;         # plain bytes
  sealed @2 :List(SealedReplica);
}

struct ServerInfo {
  version @0 :Text;
  cluster @1 :Uuid;
  epoch @2 :UInt64;
  chunkSize @3 :UInt64;
  chunkSizeMin @4 :UInt64;
  frameSize @5 :UInt32;
  replication @6 :UInt16;
  codec @7 :Codec;
  zstdLevel @8 :Int8;
  safeMode @9 :Bool;
  now @10 :Int64;
  superuser @11 :Text;
  supergroup @12 :Text;
  clusterName @13 :Text;
  trashInterval @14 :Int64;  # ms that clients keep what they remove; 0: as each is configured
}

struct VolumeReport {
  path @0 :Text;
  capacity @1 :UInt64;
  used @2 :UInt64;           # by replicas
  free @3 :UInt64;           # what may still be written, reserve taken off
  failed @4 :Bool;
  error @5 :Text;
  replicas @6 :UInt64;
}

struct DatanodeReport {
  address @0 :NodeAddress;
  uuid @1 :Uuid;
  live @2 :Bool;
  lastHeartbeat @3 :Int64;
  volumes @4 :List(VolumeReport);
  activeTransfers @5 :UInt32;
  replicas @6 :UInt64;       # as the namenode knows them
  quarantined @7 :UInt64;    # damaged or unknown files put aside
  plainBytes @8 :UInt64;     # plain bytes of its replicas
}

struct ClusterReport {
  info @0 :ServerInfo;
  datanodes @1 :List(DatanodeReport);
  files @2 :UInt64;          # approximate while changes are in flight
  directories @3 :UInt64;
  chunks @4 :UInt64;
  underReplicated @5 :UInt64;
  missing @6 :UInt64;        # chunks with no live replica
  corruptReplicas @7 :UInt64;
  safeModeText @8 :Text;     # why, and what is waited for; "" when off
  pendingReclaims @9 :UInt64;# removed trees and chunks not reclaimed yet
}

enum SafeModeAction { get @0; enter @1; leave @2; forceLeave @3; }
# forceLeave: also where the namenode's directory is older than what datanodes know; what it does not
# know is given up.

interface Namenode {
  ping @0 () -> ();
  # Does nothing: the limit of the metadata path.

  serverInfo @1 () -> (info :ServerInfo);

  stat @2 (call :CallInfo, path :Text) -> (fault :Fault, txid :UInt64, entry :Entry);
  # NOT_FOUND, NOT_A_DIRECTORY (a file in the middle of the path), PERMISSION_DENIED.

  list @3 (call :CallInfo, path :Text, startAfter :Text, limit :UInt32)
      -> (fault :Fault, txid :UInt64, entries :List(Entry), more :Bool, isFile :Bool);
  # Children in byte order of their names, those after startAfter, at most limit (0: the server's
  # page). A file lists itself, with its name "" and isFile set. Entries created or removed while
  # the pages are read may or may not be seen; others are seen exactly once.

  mkdirs @4 (call :CallInfo, path :Text, mode :UInt16, createParents :Bool)
      -> (fault :Fault, txid :UInt64, created :Bool);
  # An existing directory is no error (created = false); an existing file is ALREADY_EXISTS.

  create @5 (call :CallInfo, path :Text, options :CreateOptions)
      -> (fault :Fault, txid :UInt64, entry :Entry, leaseRenewMs :UInt32);
  # A new empty file under construction, its lease held by call.client, which is to be renewed every
  # leaseRenewMs (0: does not say). LEASE_CONFLICT when another client writes the existing file,
  # ALREADY_EXISTS without overwrite.

  addChunk @6 (call :CallInfo, file :UInt64, previous :ChunkCommit, excluded :List(UInt32),
               localNode :UInt32, machine :Text)
      -> (fault :Fault, txid :UInt64, chunk :LocatedChunk, zstdLevel :Int8, frameSize :UInt32);
  # Commits the previous chunk and allocates the next with a pipeline for it. localNode: the
  # datanode next to the writer (0 = none known); machine: the writer's boot id, for choosing one.
  # LEASE_EXPIRED, PLACEMENT_FAILED (names every node and why), NOT_FOUND (the file or its tree
  # was removed).

  abandonChunk @7 (call :CallInfo, file :UInt64, chunk :ChunkRef) -> (fault :Fault, txid :UInt64);
  # Takes back the last chunk of an open file, which could not be written.

  complete @8 (call :CallInfo, file :UInt64, last :ChunkCommit)
      -> (fault :Fault, txid :UInt64, entry :Entry);
  # Commits the last chunk, closes the file and gives up its lease. NOT_REPLICATED_YET when a
  # chunk has no sealed replica.

  getLocations @9 (call :CallInfo, path :Text, offset :UInt64, length :UInt64,
                   keepAccessTime :Bool)
      -> (fault :Fault, txid :UInt64, entry :Entry, chunks :List(LocatedChunk), more :Bool);
  # The chunks that cover the range, at most limits LIST_PAGE_MAX; more: ask again behind the last.
  # Counts as reading the file, which moves its atime when that is old, soon after the answer;
  # keepAccessTime: it does not, the caller only wants to know.

  remove @10 (call :CallInfo, path :Text, recursive :Bool)
      -> (fault :Fault, txid :UInt64, removed :Bool);
  # removed = false when there was nothing. NOT_EMPTY without recursive. Data goes later.

  rename @11 (call :CallInfo, from :Text, to :Text, overwrite :Bool, moveInto :Bool)
      -> (fault :Fault, txid :UInt64);
  # "to" is the new full name. HDFS's rename2: overwrite replaces a file by a file, an empty
  # directory by a directory; ALREADY_EXISTS otherwise; INVALID_ARGUMENT into its own subtree.
  # moveInto: HDFS's first rename. A directory "to" gets an entry of the old name; a new name that
  # is the old one is no fault. Where this tells NOT_FOUND, ALREADY_EXISTS or INVALID_ARGUMENT
  # ("/.reserved" is one), HDFS answers false and no more; a name of ".snapshot" is INVALID_PATH.

  renewLease @12 (call :CallInfo) -> (fault :Fault, leaseRenewMs :UInt32);
  # All leases of call.client. In memory only. leaseRenewMs: as of create.

  reportBadReplica @13 (call :CallInfo, chunk :ChunkRef, node :UInt32, reason :Text)
      -> (fault :Fault);

  report @14 (call :CallInfo) -> (fault :Fault, report :ClusterReport);

  safeMode @15 (call :CallInfo, action :SafeModeAction) -> (fault :Fault, on :Bool, text :Text);

  # --- Attributes. Each of HDFS's meaning, rights and errors. ---

  setReplication @16 (call :CallInfo, path :Text, replication :UInt16)
      -> (fault :Fault, txid :UInt64, isFile :Bool);
  # isFile = false: a directory, nothing was done (HDFS answers false).

  setPermission @17 (call :CallInfo, path :Text, mode :UInt16) -> (fault :Fault, txid :UInt64);

  setOwner @18 (call :CallInfo, path :Text, owner :Text, group :Text)
      -> (fault :Fault, txid :UInt64);
  # "" leaves that one as it is.

  setTimes @19 (call :CallInfo, path :Text, mtime :Int64, atime :Int64)
      -> (fault :Fault, txid :UInt64);
  # -1 leaves that one as it is.

  setXAttr @20 (call :CallInfo, path :Text, xattr :XAttr, create :Bool, replace :Bool)
      -> (fault :Fault, txid :UInt64);
  # create: it must not exist unless replace too; replace alone: it must exist.

  removeXAttr @21 (call :CallInfo, path :Text, name :Text) -> (fault :Fault, txid :UInt64);

  getXAttrs @22 (call :CallInfo, path :Text, names :List(Text))
      -> (fault :Fault, txid :UInt64, xattrs :List(XAttr));
  # No names: all that the caller may see.

  contentSummary @23 (call :CallInfo, path :Text)
      -> (fault :Fault, txid :UInt64, summary :ContentSummary);
  # Kept, not counted: as quick for any tree.

  setStoragePolicy @24 (call :CallInfo, path :Text, policy :UInt8)
      -> (fault :Fault, txid :UInt64);
  # HDFS's number of the policy (HOT 7, ...); 0: none of its own any more.

  setCompression @25 (call :CallInfo, path :Text, codec :Codec, zstdLevel :Int8, unset :Bool)
      -> (fault :Fault, txid :UInt64);
  # A directory: for files created below it from now on, unless they name their own. A file: for
  # chunks added from now on. unset (directories): that of the directory above again.

  statFs @26 (call :CallInfo)
      -> (fault :Fault, capacity :UInt64, used :UInt64, remaining :UInt64);
  # Bytes of all live datanodes.

  # --- Files written again, cut and joined ---

  append @27 (call :CallInfo, path :Text, newChunk :Bool)
      -> (fault :Fault, txid :UInt64, entry :Entry, last :LocatedChunk, zstdLevel :Int8,
          frameSize :UInt32, leaseRenewMs :UInt32);
  # Opens a finished file for writing; the lease is the caller's, leaseRenewMs as of create. last:
  # its last chunk when that has room (to be resumed: updateChunk, openWriter with resume,
  # updatePipeline), else chunk.id = 0: go on with addChunk. newChunk: as if the last one were full.
  # IS_A_DIRECTORY, NOT_FOUND, LEASE_CONFLICT, UNAVAILABLE (no datanode that holds the last chunk is
  # there).

  truncate @28 (call :CallInfo, path :Text, length :UInt64)
      -> (fault :Fault, txid :UInt64, done :Bool);
  # done = false: the last chunk is being cut on the datanodes; the file is underConstruction until
  # that is done. INVALID_ARGUMENT when length is above the file's.

  concat @29 (call :CallInfo, target :Text, sources :List(Text)) -> (fault :Fault, txid :UInt64);
  # Moves the chunks of the sources, in order, to the end of target; the sources are gone after.

  recoverLease @30 (call :CallInfo, path :Text) -> (fault :Fault, txid :UInt64, closed :Bool);
  # Takes the lease from the writer and closes the file; closed = false: recovery of its last chunk
  # has begun, ask again.

  # --- Pipelines that lost a node ---

  updateChunk @31 (call :CallInfo, file :UInt64, chunk :ChunkRef)
      -> (fault :Fault, generation :UInt64, token :Data);
  # A new generation stamp for the last chunk of an open file. Only promised: recorded by
  # updatePipeline. chunk: as recorded. LEASE_EXPIRED, NOT_FOUND.

  additionalNodes @32 (call :CallInfo, file :UInt64, chunk :ChunkRef, existing :List(UInt32),
                       excluded :List(UInt32), count :UInt16)
      -> (fault :Fault, nodes :List(NodeAddress));
  # At most count further datanodes for the pipeline; none is no fault.

  updatePipeline @33 (call :CallInfo, file :UInt64, chunk :ChunkRef, generation :UInt64,
                      length :UInt64, nodes :List(UInt32)) -> (fault :Fault, txid :UInt64);
  # The chunk has this generation from now on, and these nodes have at least length plain bytes of
  # it: replicas of the generations before are stale.

  syncFile @34 (call :CallInfo, file :UInt64, chunk :ChunkRef, length :UInt64)
      -> (fault :Fault, txid :UInt64);
  # The writer's hsync: the last chunk has at least length plain bytes on disk, and the length that
  # stat and list tell includes them.

  # --- Where a chunk belongs ---

  chunkOwner @35 (call :CallInfo, chunk :UInt64)
      -> (fault :Fault, txid :UInt64, path :Text, offset :UInt64);
  # The file that has the chunk of this id, and where in it the chunk begins. NOT_FOUND: none has
  # it. PERMISSION_DENIED: as of stat on that path.
}

struct CreateOptions {
  mode @0 :UInt16;           # umask already applied
  overwrite @1 :Bool;
  createParents @2 :Bool;
  replication @3 :UInt16;    # 0: the server's default
  chunkSize @4 :UInt64;      # plain bytes; 0: the server's default
  codec @5 :Codec;
  useDefaultCodec @6 :Bool = true;  # codec and zstdLevel count only when false
  zstdLevel @7 :Int8;
}
