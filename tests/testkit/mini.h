// `cairn mini` as a process, with a directory of its own and free ports.
// Layer: tests/testkit.  Threads: one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/testkit/process.h"
#include "tests/testkit/scratch.h"

namespace cairn::testkit {

class Mini {
public:
  // Starts it and waits until it is ready. A failed expectation, with its last words, when it does
  // not get there; serving() tells. `flags`: more of its own.
  explicit Mini(std::vector<std::string> flags = {});

  bool serving() { return process_ != nullptr && process_->running() && !namenode_.empty(); }
  // After kill() or stop(): starts it again on the same directory, with other ports.
  void start();
  // kill -9.
  void kill() { process_->kill(); }
  // SIGTERM; the exit code.
  int stop();
  // As `cairn mini --stop-datanode` does.
  void stopDatanode(int number);

  // Runs a command of the binary against this cluster.
  Outcome cairn(std::vector<std::string> arguments, std::vector<std::string> environment = {});
  // Runs another program, a job for one, as a client of this cluster.
  Outcome program(std::vector<std::string> command);
  std::unique_ptr<Process> beginProgram(std::vector<std::string> command, const std::string& name);
  // As cairn(), left running. Output and errors go to files named `name` in scratch().
  std::unique_ptr<Process> begin(std::vector<std::string> arguments, const std::string& name,
                                 std::vector<std::string> environment = {});

  const std::string& namenode() const { return namenode_; }
  const std::string& jobtracker() const { return jobtracker_; }
  const std::vector<std::string>& datanodes() const { return datanodes_; }
  // Where the daemons' pages are, but for the task trackers'.
  const std::vector<std::string>& pages() const { return pages_; }
  // Of the cluster's data.
  std::string directory() const { return scratch_ / "cluster"; }
  const ScratchDir& scratch() const { return scratch_; }
  Process& process() { return *process_; }

private:
  std::vector<std::string> environmentWith(std::vector<std::string> more) const;
  ScratchDir scratch_;
  std::vector<std::string> flags_;
  std::unique_ptr<Process> process_;
  std::string namenode_;
  std::string jobtracker_;
  std::vector<std::string> datanodes_;
  std::vector<std::string> pages_;
};

}  // namespace cairn::testkit
