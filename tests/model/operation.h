// One step of a random list: what is done, with everything it takes to do it again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/io/random.h"

namespace cairn::model {

enum class Do : std::uint8_t {
  MKDIRS,
  CREATE,
  ADD_CHUNK,
  ABANDON,
  COMPLETE,
  REMOVE,
  RENAME,
  SET_PERMISSION,
  SET_OWNER,
  SET_REPLICATION,
  SET_COMPRESSION,
  SET_XATTR,
  REMOVE_XATTR,
  CONCAT,
  SET_TIMES,
  SET_POLICY,  // of storage
  APPEND,      // opens it, as CREATE does
  SYNC,        // by the writer
  TRUNCATE,
  RECOVER_LEASE,
  // From here on no numbered call is made.
  STAT,
  LIST,
  LOCATE,
  SUMMARY,
  XATTRS,
  FINISH_RECOVERIES,  // the datanode does what it is told, for all files whose writers are gone
  REPEAT,             // the user's last call that changed something, whatever others did since
  RESTART,            // of the namenode; `crash`: without a chance to end well
};

struct Operation {
  Do what = Do::STAT;
  std::string path;
  std::string to;  // RENAME; CONCAT: the source
  std::string user = "root";
  unsigned mode = 0755;  // MKDIRS, CREATE, SET_PERMISSION
  // Overwrite, recursive; SET_XATTR: replace; SET_COMPRESSION: unset; APPEND: in a new chunk.
  bool force = false;
  bool parents = false;  // createParents; SET_XATTR: create
  // Which open file: CREATE and APPEND open it, writers' calls use it. Of attributes: which name.
  unsigned slot = 0;
  // TRUNCATE: the file's new length. Of attributes: the value. Of chunks: see writtenLengthOf.
  // LOCATE: milliseconds that pass before.
  unsigned length = 0;
  bool repeat = false;  // send the same call twice
  bool crash = false;   // the namenode crashes between the two
};

inline constexpr unsigned SLOTS = 4;
// Chunk size of every file, so that lengths above it can be tried.
inline constexpr unsigned CHUNK_SIZE = 1024;

// What an operation on attributes sets.
std::string ownerOf(const Operation& operation);     // "" stays
std::string groupOf(const Operation& operation);     // "" stays
unsigned replicationOf(const Operation& operation);  // 0 is refused
int zstdLevelOf(const Operation& operation);
std::string xattrNameOf(const Operation& operation);
// RENAME: HDFS's first.
bool movesInto(const Operation& operation);
std::int64_t mtimeOf(const Operation& operation);  // -1 stays
std::int64_t atimeOf(const Operation& operation);  // -1 stays
unsigned policyOf(const Operation& operation);     // 3 is none of HDFS's

// Plain bytes of the chunk that ADD_CHUNK or COMPLETE commits, SYNC syncs or FINISH_RECOVERIES
// finds, when `known` are known to be there. Writers say wrong ones too, datanodes do not.
std::uint64_t writtenLengthOf(const Operation& operation, std::uint64_t known);
std::uint64_t recoveredLengthOf(const Operation& operation, std::uint64_t known);

// Level shown of a directory that says nothing about compression.
inline constexpr int NO_LEVEL = 99;

std::vector<Operation> randomOperations(io::Random& random, std::size_t count);

// The list as the body of a test, ready to be pasted into namespace_model_test.cc.
std::string asTest(const std::vector<Operation>& operations, const std::string& name);
std::string toString(const Operation& operation);
std::string_view nameOf(Do what);

}  // namespace cairn::model
