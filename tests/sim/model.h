// What one worker knows of the part of the namespace that it alone changes: which paths are what,
// and which operations it does not know the outcome of. Layer: tests/sim (std only).  Threads: one.
//
// The rule that keeps it small: a path that an operation of unknown outcome touched is never
// touched again. Such an operation may still take effect minutes later, when a message that was
// held up arrives; at the end one of its outcomes must be what is there.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/sim/content.h"

namespace cairn::sim {

struct Expected {
  enum class Kind : std::uint8_t {
    ABSENT,
    DIRECTORY,
    FILE,     // complete, with exactly this content
    STARTED,  // under construction: no byte is promised, and none may be wrong. When its writer has
              // been silent for too long, the namenode closes it, or removes it if it is empty
  };
  Kind kind = Kind::ABSENT;
  Content content = {};

  bool operator==(const Expected&) const = default;
};

// Paths and what they are.
using Outcome = std::map<std::string, Expected>;

struct Operation {
  std::string what;  // "rename /a /b", for messages
  // What may be there afterwards, each for the same paths: [0] as before, [1] done, more in
  // between.
  std::vector<Outcome> outcomes;
};

class Model {
public:
  // All that is certain now.
  const Outcome& certain() const { return certain_; }
  const Expected* find(const std::string& path) const;
  // Those under `directory` (without itself) that are certain.
  Outcome below(const std::string& directory) const;
  // True when something of unknown outcome lies at or under `path`.
  bool uncertainAt(const std::string& path) const;

  // --- The life of an operation ---
  // Its paths are not certain any more. REQUIRES: they are certain, or were never heard of.
  std::uint64_t begin(Operation operation);
  // It is known which of its outcomes came true.
  void settle(std::uint64_t operation, std::size_t outcome);
  // Those begun and not settled.
  const std::map<std::uint64_t, Operation>& open() const { return open_; }

private:
  Outcome certain_;
  std::map<std::uint64_t, Operation> open_;
  std::uint64_t last_ = 0;
};

// True for `directory` itself and for what lies under it.
bool isWithin(const std::string& path, const std::string& directory);

}  // namespace cairn::sim
