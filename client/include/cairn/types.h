// The values that the client library hands out: files and directories, chunks and where they lie,
// the state of the cluster. Plain structs; copy them freely.
// Sizes are bytes and times are milliseconds since 1970 UTC unless a name says otherwise.
// "Plain" bytes are what the user wrote; "stored" bytes are what lies on disk after compression,
// with the format's headers, for one replica.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cairn/status.h"

namespace cairn {

enum class EntryKind : std::uint8_t { FILE, DIRECTORY };

// How a chunk's frames are compressed. A frame that does not shrink is kept as it is either way.
enum class Codec : std::uint8_t { NONE, ZSTD };

// All attributes of a file or directory.
struct Entry {
  std::uint64_t id = 0;  // never reused
  std::string name;      // the last component; "" where the path was asked for itself
  EntryKind kind = EntryKind::FILE;
  std::uint16_t mode = 0;  // permission bits with the sticky bit: 0..01777
  std::string owner;
  std::string group;
  std::int64_t mtimeMs = 0;
  std::int64_t atimeMs = 0;  // 0 for directories

  // Files only from here on.
  std::uint64_t length = 0;        // plain bytes of its completed chunks
  std::uint64_t storedLength = 0;  // stored bytes of one replica of each chunk
  std::uint16_t replication = 0;
  std::uint64_t chunkSize = 0;  // plain bytes
  std::uint32_t chunkCount = 0;
  bool underConstruction = false;  // a writer has it open

  // Directories only; 0 where the namenode does not keep it.
  std::uint32_t childCount = 0;

  // Both. Of a file's new chunks; a directory has it for new files below it where codecSet.
  Codec codec = Codec::ZSTD;
  std::int8_t zstdLevel = 1;
  bool codecSet = false;           // directories only
  std::uint8_t storagePolicy = 0;  // set on this very entry (StoragePolicy); 0: none
  bool hasXAttrs = false;

  bool isDirectory() const { return kind == EntryKind::DIRECTORY; }
};

// How new chunks are compressed.
struct Compression {
  Codec codec = Codec::ZSTD;
  std::int8_t zstdLevel = 1;  // -5 .. 19; counts with ZSTD alone
};

// HDFS's storage policies, by its numbers. Kept and told; data lies on one kind of volume for now.
enum class StoragePolicy : std::uint8_t {
  NONE = 0,  // that of a directory above
  PROVIDED = 1,
  COLD = 2,
  WARM = 5,
  HOT = 7,
  ONE_SSD = 10,
  ALL_SSD = 12,
  ALL_NVDIMM = 14,
  LAZY_PERSIST = 15,
};

// An extended attribute. The name holds its namespace, "user.origin"; the value is any bytes.
struct XAttr {
  std::string name;
  std::string value;
};
enum class XAttrSet : std::uint8_t {
  CREATE,   // it must not exist
  REPLACE,  // it must exist
  EITHER,
};

// Of a file, or of a directory with everything below it.
struct ContentSummary {
  std::uint64_t files = 0;
  std::uint64_t directories = 0;     // the directory itself included, as in HDFS
  std::uint64_t length = 0;          // plain bytes
  std::uint64_t spaceConsumed = 0;   // plain bytes times replication, as HDFS has it
  std::uint64_t storedLength = 0;    // stored bytes of one replica of each chunk
  std::uint64_t storedConsumed = 0;  // stored bytes of all replicas that are wanted
};

// HDFS's checksum of a file: the same for the same bytes in chunks of the same size.
struct FileChecksum {
  std::uint32_t bytesPerCrc = 0;   // 512; 0 of an empty file
  std::uint64_t crcsPerChunk = 0;  // of the first chunk; 0 when there is one chunk alone, or none
  std::string md5;                 // 32 hex digits

  // "MD5-of-0MD5-of-512CRC32C".
  std::string algorithm() const {
    return "MD5-of-" + std::to_string(crcsPerChunk) + "MD5-of-" + std::to_string(bytesPerCrc) +
           (bytesPerCrc == 0 ? "CRC32" : "CRC32C");
  }
};

// Bytes of all live datanodes.
struct FsStatus {
  std::uint64_t capacity = 0;
  std::uint64_t used = 0;       // by replicas
  std::uint64_t remaining = 0;  // may still be written
};

// Some entries of a directory, in byte order of their names.
struct ListPage {
  std::vector<Entry> entries;
  bool more = false;    // ask again, behind the last name
  bool isFile = false;  // the path is a file; it lists itself, with the name ""
};

// How to reach a datanode.
struct DatanodeAddress {
  std::uint32_t node = 0;  // the namenode's number for it; never reused
  std::string address;     // "127.0.0.1:9866"
  std::string rack;        // "/default-rack"
  std::string socket;      // its Unix socket for hand-over of descriptors; "" = none
  std::string machine;     // boot id of its host
};

// One chunk of a file and the datanodes that hold it.
struct ChunkLocation {
  std::uint64_t chunk = 0;
  std::uint64_t generation = 0;
  std::uint64_t offset = 0;        // of its first plain byte in the file
  std::uint64_t length = 0;        // plain bytes; 0 while it is being written
  std::uint64_t storedLength = 0;  // of one replica's file
  bool complete = false;
  bool damaged = false;        // every copy that is known reads wrong somewhere
  std::uint32_t suspects = 0;  // of the replicas: said to read wrong, and not cleared since
  std::vector<std::uint32_t> suspectNodes;  // which these are
  std::vector<DatanodeAddress> replicas;    // nearest first
};

// Where a chunk belongs.
struct ChunkOwner {
  std::string path;          // of its file
  std::uint64_t offset = 0;  // of its first plain byte in the file
};

// What the namenode says of itself.
struct ServerInfo {
  std::string version;
  std::string cluster;  // 32 hex digits
  std::string clusterName;
  std::uint64_t epoch = 0;         // grows with each start of the namenode
  std::uint64_t chunkSize = 0;     // defaults for new files, plain bytes
  std::uint64_t chunkSizeMin = 0;  // plain bytes
  std::uint32_t frameSize = 0;     // plain bytes
  std::uint16_t replication = 0;
  Codec codec = Codec::ZSTD;
  std::int8_t zstdLevel = 1;
  bool safeMode = false;
  std::int64_t nowMs = 0;
  std::string superuser;
  std::string supergroup;
  std::int64_t trashIntervalMs = 0;  // for how long the shell keeps what it removes; 0: its own say
};

struct VolumeReport {
  std::string path;
  std::uint64_t capacity = 0;
  std::uint64_t used = 0;  // by replicas
  std::uint64_t free = 0;  // may still be written, reserve taken off
  std::uint64_t replicas = 0;
  bool failed = false;
  std::string error;  // why it failed
};

struct DatanodeReport {
  DatanodeAddress address;
  std::string uuid;  // 32 hex digits
  bool live = false;
  std::int64_t lastHeartbeatMs = 0;
  std::vector<VolumeReport> volumes;
  std::uint32_t activeTransfers = 0;
  std::uint64_t replicas = 0;
  std::uint64_t quarantined = 0;  // damaged or unknown files put aside
  std::uint64_t plainBytes = 0;   // of its replicas
};

struct ClusterReport {
  ServerInfo info;
  std::vector<DatanodeReport> datanodes;
  std::uint64_t files = 0;  // approximate while changes are in flight, like the next two
  std::uint64_t directories = 0;
  std::uint64_t chunks = 0;
  std::uint64_t underReplicated = 0;
  std::uint64_t missing = 0;  // chunks without a live replica
  std::uint64_t corruptReplicas = 0;
  std::uint64_t pendingReclaims = 0;  // removed trees and chunks not reclaimed yet
  std::string safeModeText;           // why it is on and what is waited for; "" when off
};

// FORCE_LEAVE: also where the namenode's directory is older than what datanodes know of; what it
// does not know is given up.
enum class SafeModeAction : std::uint8_t { GET, ENTER, LEAVE, FORCE_LEAVE };

struct SafeModeState {
  bool on = false;
  std::string text;  // why, and what is waited for
};

}  // namespace cairn
