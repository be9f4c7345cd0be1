// What one worker knows of the part of the namespace that it alone changes: which paths are what,
// and which operations it does not know the outcome of. Layer: tests/sim (std only).  Threads: one.
//
// The rule that keeps it small: a path that an operation of unknown outcome touched is never
// touched again. Such an operation may still take effect minutes later, when a message that was
// held up arrives; at the end one of its outcomes must be what is there.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/sim/content.h"

namespace cairn::sim {

// What of a file under construction stays, whatever becomes of its writer: bytes from its start.
struct Held {
  std::uint64_t onDisk = 0;    // of all its datanodes: always
  std::uint64_t inMemory = 0;  // of all its datanodes: while no more than `losses` of their
                               // machines have lost what they had not synced
  std::uint64_t losses = 0;
  // The same of bytes that each of its datanodes was seen to show, whether their writer had asked
  // for that or not.
  std::uint64_t shown = 0;
  std::uint64_t shownLosses = 0;

  std::uint64_t flushed(std::uint64_t lossesNow) const {
    return lossesNow == losses ? std::max(onDisk, inMemory) : onDisk;
  }
  std::uint64_t bytes(std::uint64_t lossesNow) const {
    return lossesNow == shownLosses ? std::max(flushed(lossesNow), shown) : flushed(lossesNow);
  }
  bool operator==(const Held&) const = default;
};

struct Expected {
  enum class Kind : std::uint8_t {
    ABSENT,
    DIRECTORY,
    FILE,     // complete, with exactly this content
    STARTED,  // under construction: no byte beyond `held` is promised, and none may be wrong. When
              // its writer has been silent for too long, the namenode closes it
  };
  Kind kind = Kind::ABSENT;
  Content content = {};
  Held held = {};  // of one that is STARTED

  bool operator==(const Expected&) const = default;
};

// Paths and what they are.
using Outcome = std::map<std::string, Expected>;

struct Operation {
  std::string what;  // "rename /a /b", for messages
  // What may be there afterwards, each for the same paths: [0] as before, [1] done, more in
  // between.
  std::vector<Outcome> outcomes;
  bool granted = false;  // it is a write, and the namenode let its writer begin
  bool asked = false;    // somebody asked for the recovery of its file, or cut it
  bool fenced = true;    // whoever takes the file from its writer decides what becomes of it
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
  // The writer of `path` was let in: what was there before is not an outcome any more, and the
  // file's first `held` bytes stay.
  void grant(std::uint64_t operation, const std::string& path, std::uint64_t held);
  // Of a granted write: more of it stays.
  void hold(std::uint64_t operation, const std::string& path, const Held& held);
  void noteAsked(std::uint64_t operation);
  // False: a call of unknown outcome may still take the file from whoever gets it next.
  void fence(std::uint64_t operation, bool fenced);
  // It is known which of its outcomes came true.
  void settle(std::uint64_t operation, std::size_t outcome);
  // It is known that this came true.
  void settle(std::uint64_t operation, Outcome outcome);
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
