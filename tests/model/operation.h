// One step of a random list: what is done, with everything it takes to do it again.
#pragma once

#include <cstdint>
#include <string>
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
  // From here on nothing is changed.
  STAT,
  LIST,
  LOCATE,
  SUMMARY,
  XATTRS,
  RESTART,  // of the namenode; `repeat`: as a crash
};

struct Operation {
  Do what = Do::STAT;
  std::string path;
  std::string to;  // RENAME; CONCAT: the source
  std::string user = "root";
  unsigned mode = 0755;  // MKDIRS, CREATE, SET_PERMISSION
  bool force = false;    // overwrite, recursive; SET_XATTR: replace; SET_COMPRESSION: unset
  bool parents = false;  // createParents; SET_XATTR: create
  // Which open file: CREATE opens it, writers' calls use it. Of attributes: which name.
  unsigned slot = 0;
  // Plain bytes of the chunk that ADD_CHUNK or COMPLETE commits. Of attributes: the value. LOCATE:
  // milliseconds that pass before.
  unsigned length = 0;
  bool repeat = false;  // send the same call twice
};

inline constexpr unsigned SLOTS = 4;

// What an operation on attributes sets.
std::string ownerOf(const Operation& operation);     // "" stays
std::string groupOf(const Operation& operation);     // "" stays
unsigned replicationOf(const Operation& operation);  // 0 is refused
int zstdLevelOf(const Operation& operation);
std::string xattrNameOf(const Operation& operation);

// Level shown of a directory that says nothing about compression.
inline constexpr int NO_LEVEL = 99;

std::vector<Operation> randomOperations(io::Random& random, std::size_t count);

// The list as the body of a test, ready to be pasted into namespace_model_test.cc.
std::string asTest(const std::vector<Operation>& operations, const std::string& name);
std::string toString(const Operation& operation);

}  // namespace cairn::model
