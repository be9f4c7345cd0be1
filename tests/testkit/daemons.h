// A cluster of real daemons, each a process of its own with a configuration file of its own: for
// killing one of them.
// Layer: tests/testkit.  Threads: one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/testkit/process.h"
#include "tests/testkit/scratch.h"
#include "tests/testkit/small_disk.h"

namespace cairn::testkit {

struct DaemonsOptions {
  int datanodes = 3;
  bool jobs = true;  // a job tracker, and a task tracker beside each datanode
  // Lines of cairn.toml for all of them, such as "[fs]\nchunk_size = \"64KiB\"\n".
  std::string settings;
  // Lines of the namenode's own section, such as "datanode_dead_ms = 3000\n".
  std::string namenodeSettings;
  // And of each datanode's.
  std::string datanodeSettings;
  // Of a file system of its own (SmallDisk) for the namenode, and for each datanode; 0: they have
  // none.
  std::uint64_t namenodeDiskBytes = 0;
  std::uint64_t datanodeDiskBytes = 0;
};

// Names: namenode, jobtracker, datanode1..N, tasktracker1..N.
class Daemons {
public:
  // Formats and starts all; waits until each is ready. A failed expectation otherwise.
  explicit Daemons(DaemonsOptions options = {});

  // kill -9.
  void kill(const std::string& name);
  // SIGTERM; the exit code.
  int stop(const std::string& name);
  // Starts it (again) on its directory and port. With `wait`: until it is ready. `environment`:
  // "NAME=value", for this start alone.
  void start(const std::string& name, bool wait = true, std::vector<std::string> environment = {});
  Process& process(const std::string& name) { return *processes_.at(name); }
  // What each daemon last wrote to stderr, for the message of a failed test.
  std::string lastWords() const;

  // Runs a command of the binary against this cluster.
  Outcome cairn(std::vector<std::string> arguments, std::vector<std::string> environment = {});
  // The same, left running. Output and errors go to files named `name` in scratch().
  std::unique_ptr<Process> begin(std::vector<std::string> arguments, const std::string& name,
                                 std::vector<std::string> environment = {});

  std::string addressOf(const std::string& name) const { return addresses_.at(name); }
  // Of its pages.
  std::string httpAddressOf(const std::string& name) const { return httpAddresses_.at(name); }
  // The daemon that listens there. A failed expectation and "" when there is none.
  std::string nameAt(const std::string& address) const;
  // Of the daemon's data.
  std::string directoryOf(const std::string& name) const {
    return disks_.contains(name) ? scratch_ / (name + "/data") : scratch_ / name;
  }
  // REQUIRES: it has one by the options.
  SmallDisk& diskOf(const std::string& name) { return *disks_.at(name); }
  const ScratchDir& scratch() const { return scratch_; }

private:
  void mountDisk(const std::string& name, std::uint64_t bytes);
  void configure(const std::string& name, const std::string& section);
  std::vector<std::string> environmentWith(std::vector<std::string> more) const;
  ScratchDir scratch_;
  DaemonsOptions options_;
  std::map<std::string, std::string> addresses_;
  std::map<std::string, std::string> httpAddresses_;
  std::map<std::string, std::unique_ptr<SmallDisk>> disks_;
  std::map<std::string, std::unique_ptr<Process>> processes_;
};

// "127.0.0.1:PORT" with a port that nobody listens on, outside the range that the system gives to
// connections, and this process's own until it ends.
std::string freeAddress();

}  // namespace cairn::testkit
