// What a caller may choose when it connects, creates a file or opens one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "cairn/types.h"

namespace cairn {

// A call that did not succeed at once and will be tried again.
struct RetryNotice {
  std::string what;     // "stat"
  std::string address;  // of the namenode
  Status failure;
  std::uint32_t attempt = 0;  // failures of this call so far, from 1
  std::uint32_t waitMs = 0;   // until the next try
};

struct ClientOptions {
  // "host:port" of the namenode. Empty: the environment's CAIRN_NAMENODE, then the configuration
  // file's client.namenode, then 127.0.0.1:8020.
  std::string namenode;
  // A configuration file (cairn.toml). Empty: CAIRN_CONFIG, then the default places; a file that
  // is named must exist and be right.
  std::string configFile;
  // The principal. Empty: CAIRN_USER, then the configuration, then the process's user name.
  std::string user;

  // For how long a call that the namenode does not answer is tried again, ms of pauses; 0: never
  // tried again. Negative: the configuration's value (default 60,000).
  std::int64_t retryBudgetMs = -1;
  // Whether replicas on this machine may be read through a descriptor handed over by their
  // datanode, past its process. Set by the configuration too; both must allow it.
  bool shortCircuit = true;
  // Threads that compress and decompress; started when first needed. 0: one a core, at most 4.
  unsigned workThreads = 0;

  // Plain bytes of decoded frames kept for small positional reads of replicas on this machine, by
  // all files of the client together. Negative: the configuration's value (default 32 MiB).
  std::int64_t frameCacheBytes = -1;

  // Told of each retry, for messages to the user. Called on a thread of the library: return
  // soon, and do not call the library from it.
  std::function<void(const RetryNotice&)> onRetry;
};

struct CreateOptions {
  std::uint16_t mode = 0644;  // the umask is the caller's business
  bool overwrite = false;     // replace an existing file; its old bytes stay until create succeeds
  bool createParents = true;
  std::uint16_t replication = 0;  // 0: the cluster's default
  std::uint64_t chunkSize = 0;    // plain bytes; 0: the cluster's default
  bool defaultCodec = true;       // the next two count only when false
  Codec codec = Codec::ZSTD;
  std::int8_t zstdLevel = 1;  // -5 .. 19
};

struct RenameOptions {
  bool overwrite = false;  // replace a file by a file, an empty directory by a directory
  // HDFS's first rename: into a directory of that name, under the old name; a new name that is the
  // old one is no error. HDFS's API answers false, and no reason, where this fails with NOT_FOUND,
  // ALREADY_EXISTS or INVALID_ARGUMENT.
  bool moveInto = false;
};

struct AppendOptions {
  // Begin a chunk of its own, though the last one has room: chunks of any length may follow each
  // other. HDFS's flag NEW_BLOCK.
  bool newChunk = false;
};

struct OpenOptions {
  // Plain bytes that read() fetches and decompresses ahead of the reader, at most; also the bound
  // of the memory an open file takes (about twice this while it is read in order).
  // 0: no read-ahead. Positional reads do none.
  std::uint64_t readAheadBytes = 16u << 20;
};

}  // namespace cairn
