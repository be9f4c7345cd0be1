// A whole cluster in one process: namenode, datanodes, job tracker and one task tracker a datanode,
// each on an event loop and thread of its own, talking over real sockets of 127.0.0.1.
// Layer: client/cairn.  Threads: the main thread, with an event loop.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client/cairn/mini_options.h"
#include "client/cairn/service_thread.h"
#include "common/base/result.h"
#include "common/config/settings.h"
#include "common/io/posix_disk.h"

namespace cairn::app {

class MiniCluster {
public:
  // `directory`: absolute. `settings`: what the user chose for the daemons; addresses and
  // directories are this cluster's own.
  MiniCluster(config::Settings settings, MiniOptions options, std::string directory);
  // stop().
  ~MiniCluster();
  MiniCluster(const MiniCluster&) = delete;
  MiniCluster& operator=(const MiniCluster&) = delete;

  // Takes the directory (which it makes, and formats when it is empty), and starts everything.
  // Blocks until all listen. IN_USE: another process has the directory, or a port is taken; the
  // message says what to do. INVALID_ARGUMENT: the directory holds something else. After an error
  // only the destructor makes sense.
  Result<void> start();
  // Settles when every node has registered.
  kj::Promise<void> onReady();
  // Settles with the reason when a service cannot go on.
  kj::Promise<Status> onFatal();
  // "ready namenode=... jobtracker=... datanodes=...,... namenode_http=... jobtracker_http=...
  // datanodes_http=...,..."; the last three only as far as there are pages.
  std::string readyLine() const;
  // Drops datanode `number` (from 1) dead. NOT_FOUND: there is none, or it is down already.
  Result<void> stopDatanode(std::uint32_t number);
  // In order: task trackers, job tracker, datanodes, namenode.
  void stop();

private:
  Result<void> takeDirectory();
  // The value of `daemon`.http_address. `alone`: the cluster has one daemon of the kind, and so the
  // user may have named a port.
  std::string httpAddressFor(const std::string& daemon, bool alone) const;
  Result<config::Settings> with(std::vector<std::pair<std::string, std::string>> changes) const;
  std::string under(const std::string& name) const { return directory_ + "/" + name; }
  Result<void> startNamenode();
  Result<void> startDatanode(std::uint32_t number);
  Result<void> startJobTracker();
  Result<void> startTaskTracker(std::uint32_t number);

  config::Settings settings_;
  const MiniOptions options_;
  const std::string directory_;
  std::unique_ptr<io::Disk> disk_;
  std::unique_ptr<io::DiskLock> lock_;
  std::unique_ptr<ServiceThread> namenode_;
  std::vector<std::unique_ptr<ServiceThread>> datanodes_;
  std::unique_ptr<ServiceThread> jobTracker_;
  std::vector<std::unique_ptr<ServiceThread>> taskTrackers_;
};

}  // namespace cairn::app
