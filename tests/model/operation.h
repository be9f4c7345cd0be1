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
  STAT,
  LIST,
  LOCATE,
  RESTART,  // of the namenode; `repeat`: as a crash
};

struct Operation {
  Do what = Do::STAT;
  std::string path;
  std::string to;  // RENAME
  std::string user = "root";
  unsigned mode = 0755;  // MKDIRS, CREATE
  bool force = false;    // overwrite, recursive
  bool parents = false;  // createParents
  unsigned slot = 0;     // which open file: CREATE opens it, writers' calls use it
  unsigned length = 0;   // plain bytes of the chunk that ADD_CHUNK or COMPLETE commits
  bool repeat = false;   // send the same call twice
};

inline constexpr unsigned SLOTS = 4;

std::vector<Operation> randomOperations(io::Random& random, std::size_t count);

// The list as the body of a test, ready to be pasted into namespace_model_test.cc.
std::string asTest(const std::vector<Operation>& operations, const std::string& name);
std::string toString(const Operation& operation);

}  // namespace cairn::model
