// Whole programs, timed: what a user would see.
// Layer: client/cairn.  Threads: the main thread; blocks.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "common/base/result.h"

namespace cairn::app {

// This binary.
std::string ownBinary();

// Runs the command (a shell's, with output to /dev/null unless it says otherwise) and returns the
// seconds it took. TASK_FAILED with its last words when it did not exit with 0.
Result<double> timedShell(const std::string& command);

// 'word' for the shell, whatever is in it.
std::string shellQuoted(const std::string& word);

// `cairn mini` with a directory and ports of its own, ended with the object.
class MiniProcess {
public:
  // Returns when it is ready. `startSeconds()`: from exec to the ready line.
  static Result<MiniProcess> start(const std::string& directory, int datanodes);
  ~MiniProcess();
  MiniProcess(MiniProcess&& other) noexcept;
  MiniProcess& operator=(MiniProcess&&) = delete;

  double startSeconds() const { return startSeconds_; }
  const std::string& namenode() const { return namenode_; }
  // "cairn VERB..." of this binary against the cluster, for timedShell().
  std::string command(const std::string& arguments) const;

private:
  MiniProcess() = default;
  pid_t pid_ = -1;
  double startSeconds_ = 0;
  std::string namenode_;  // its address
  std::string environment_;
};

// `cairn namenode` on a directory, formatted when there is nothing in it yet, on a free port;
// killed with SIGKILL with the object.
class NamenodeProcess {
public:
  // Returns when it serves.
  static Result<NamenodeProcess> start(const std::string& directory);
  ~NamenodeProcess();
  NamenodeProcess(NamenodeProcess&& other) noexcept;
  NamenodeProcess& operator=(NamenodeProcess&&) = delete;

  const std::string& address() const { return address_; }
  // What is in memory, its own and mapped files.
  std::uint64_t residentBytes() const;

private:
  NamenodeProcess() = default;
  pid_t pid_ = -1;
  std::string address_;
};

// A file of exactly `bytes` of text in `directory`, from `source` or, when that is "", from the
// machine's own documents, repeated as often as it takes. Its path.
Result<std::string> makeText(const std::string& directory, std::uint64_t bytes,
                             const std::string& source);

// A file of `bytes` that do not compress in `directory`. Its path.
Result<std::string> makeNoise(const std::string& directory, std::uint64_t bytes);

}  // namespace cairn::app
