// Why an operation failed: a code from one registry, a sentence for people, a retry hint.
// Layer: base (std only).  Threads: a value; copy freely.  Cost: one string.
//
// A Status always describes a failure. Success is the value of a Result<T> (below), so
// there is no "ok" status to forget to test.
//
// Part of the installed client library, where it is <cairn/status.h>: std only, no macros.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace cairn {

// One code a kind of failure. The numbers travel on the wire and stand in durable records:
// never renumber, never reuse; add at the end. Properties of each code are in status.cc.
enum class Code : std::uint16_t {
  NOT_FOUND = 1,             // no such path, chunk, job
  ALREADY_EXISTS = 2,        // the name is taken
  NOT_A_DIRECTORY = 3,       // a file where a directory is meant
  IS_A_DIRECTORY = 4,        // a directory where a file is meant
  NOT_EMPTY = 5,             // a directory with children where an empty one is meant
  PERMISSION_DENIED = 6,     // the principal lacks the right
  INVALID_ARGUMENT = 7,      // the request can never succeed as it stands
  LIMIT_EXCEEDED = 8,        // a named limit would be passed
  LEASE_CONFLICT = 9,        // another writer holds the file
  LEASE_EXPIRED = 10,        // the caller no longer holds the file
  SAFE_MODE = 11,            // the namenode takes no changes yet
  PLACEMENT_FAILED = 12,     // not enough datanodes for a chunk; the message names each and why
  NOT_REPLICATED_YET = 13,   // a chunk has not yet its minimum of replicas; ask again
  STALE = 14,                // older generation stamp, epoch or version than the current one
  CORRUPT = 15,              // bytes do not match their checksum or their format
  IO_ERROR = 16,             // the operating system refused; errno is in the message
  DISK_FULL = 17,            // no space left on the volume
  UNAVAILABLE = 18,          // the peer cannot be reached, or the connection was lost
  TIMED_OUT = 19,            // no answer within the deadline
  OVERLOADED = 20,           // a bounded queue is full; come back after retryAfterMs
  WRONG_CLUSTER = 21,        // a directory or a peer of another cluster
  IN_USE = 22,               // a directory or a port that another process holds
  NOT_FORMATTED = 23,        // a directory that holds no file system yet
  UNSUPPORTED_VERSION = 24,  // a format or a peer newer than this program
  UNSUPPORTED = 25,          // a feature this program does not have
  CANCELLED = 26,            // the caller or an operator stopped it
  INTERNAL = 27,             // a bug in this program
  CALL_EXPIRED = 28,         // a retried call whose recorded answer is gone
  TASK_FAILED = 29,          // a task or a job ended in failure
  INVALID_PATH = 30,         // a path that no file can have
};

// What a caller may do about a failure, as far as the code alone tells.
enum class RetryClass : std::uint8_t {
  NEVER,      // the same call fails again
  ELSEWHERE,  // another replica or node may succeed
  LATER,      // the same call may succeed after a pause
};

// "NOT_FOUND" and so on; "UNKNOWN" for a number this program does not know.
std::string_view codeName(Code code);
// One sentence that says what the code means.
std::string_view codeMeaning(Code code);
// Fully qualified Java class that HDFS throws for it, for clients that know those.
std::string_view hadoopExceptionName(Code code);
RetryClass retryClassOf(Code code);
// INTERNAL for a number this program does not know (a newer peer).
Code codeFromWire(std::uint16_t number);

class [[nodiscard]] Status {
public:
  Status(Code code, std::string message, std::uint32_t retryAfterMs = 0)
      : message_(std::move(message)), retryAfterMs_(retryAfterMs), code_(code) {}

  Code code() const { return code_; }
  // A full sentence's worth without the code's name: what was wrong with what, and what to do.
  const std::string& message() const { return message_; }
  // Milliseconds after which a retry makes sense; 0 = no hint.
  std::uint32_t retryAfterMs() const { return retryAfterMs_; }

  // "NOT_FOUND: /a/b does not exist", for logs.
  std::string toString() const;
  // The same failure with "<context>: " in front of the message.
  Status withContext(std::string_view context) const;

  bool operator==(const Status&) const = default;

private:
  std::string message_;
  std::uint32_t retryAfterMs_;
  Code code_;
};

// IO_ERROR, DISK_FULL, NOT_FOUND, ALREADY_EXISTS or PERMISSION_DENIED after a failed system call:
// "<what>: <strerror(errnum)>".
Status statusFromErrno(int errnum, std::string_view what);

// A value, or the Status that says why there is none.
template <typename T>
using Result = std::expected<T, Status>;

}  // namespace cairn
