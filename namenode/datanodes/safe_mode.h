// Safe mode: the namenode answers reads and takes no changes.
// Layer: datanodes (pure).  Threads: one.
//
// There are four reasons for it, each on and off by itself; it is on while any of them is.
//   - Starting: on when the file system holds chunks, until enough of them have a replica on a
//     datanode that has registered and compared its inventory: else clients would be told that
//     their data is missing, and writes would be placed on the few nodes that were quickest. It
//     ends as soon as every datanode that is known to hold replicas is back, or when at least
//     `threshold` of the chunks are found to have a replica on those that are. The second takes a
//     count of the table of chunks, made in the background in slices.
//   - An operator: until an operator ends it.
//   - Little space where the namenode writes: until there is room again.
//   - A directory that is older than what datanodes know of: until an operator gives up what the
//     directory does not know, in later lives of the namenode too.
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
  // Whether the start is over by this.
  bool update(const SafeModeFacts& facts);
  // By an operator, who then has to end it, also where it was on since the start.
  void enter();
  // Ends what a start or an operator has begun. INVALID_ARGUMENT with text() when it is still on.
  Result<void> leave();
  // What stands in the way of changes, as a sentence; "": nothing does any more.
  void setLowSpace(std::string why) { lowSpace_ = std::move(why); }
  void setOlder(std::string why) { older_ = std::move(why); }

  bool on() const { return starting_ || manual_ || lowOnSpace() || older(); }
  // While it waits for datanodes by itself.
  bool starting() const { return starting_; }
  bool lowOnSpace() const { return !lowSpace_.empty(); }
  bool older() const { return !older_.empty(); }
  // Why it is on and what is waited for, a line for each reason; "" when off.
  std::string text() const;
  // SAFE_MODE with HDFS's line, below it text(), and a retry hint where it will end by itself soon.
  Result<void> allowChanges() const;

private:
  bool enough(const SafeModeFacts& facts) const;
  void describe(const SafeModeFacts& facts);

  double threshold_;
  bool starting_ = false;
  bool manual_ = false;
  std::string waiting_;  // while starting
  std::string lowSpace_;
  std::string older_;
};

}  // namespace cairn::nn
