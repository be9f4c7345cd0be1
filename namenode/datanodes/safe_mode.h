// Safe mode: the namenode answers reads and takes no changes.
// Layer: datanodes (pure).  Threads: one.
//
// At start it is on when the file system holds chunks, until enough of them have a replica on a
// datanode that has registered and compared its inventory: else clients would be told that their
// data is missing, and writes would be placed on the few nodes that were quickest. It ends
//   - as soon as every datanode that is known to hold replicas is back, or
//   - when at least `threshold` of the chunks are found to have a replica on those that are.
// The second takes a count of the table of chunks, made in the background in slices. An operator
// may enter it at any time; then only an operator ends it.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"

namespace cairn::nn {

// What leaving depends on.
struct SafeModeFacts {
  std::uint64_t chunks = 0;      // committed ones
  std::uint64_t nodesKnown = 0;  // datanodes that hold replicas according to the tables
  std::uint64_t nodesBack = 0;   // of those: registered and compared
  bool counted = false;          // `chunksSafe` is of the present set of nodes
  std::uint64_t chunksSafe = 0;  // chunks with a replica on a node that is back
};

class SafeMode {
public:
  // `threshold`: share of the chunks, 0..1; 0: never on at start.
  explicit SafeMode(double threshold) : threshold_(threshold) {}

  void begin(const SafeModeFacts& facts);  // at start
  // Whether it ended by this.
  bool update(const SafeModeFacts& facts);
  void enter() { state_ = State::MANUAL; }
  void leave() { state_ = State::OFF; }

  bool on() const { return state_ != State::OFF; }
  // While it waits for datanodes by itself.
  bool starting() const { return state_ == State::STARTING; }
  // Why it is on and what is waited for, as a sentence; "" when off.
  const std::string& text() const;
  // SAFE_MODE with HDFS's line, below it text(), and a retry hint where it will end by itself.
  Result<void> allowChanges() const;

private:
  enum class State : std::uint8_t { OFF, STARTING, MANUAL };
  bool enough(const SafeModeFacts& facts) const;
  void describe(const SafeModeFacts& facts);

  double threshold_;
  State state_ = State::OFF;
  std::string waiting_;
};

}  // namespace cairn::nn
