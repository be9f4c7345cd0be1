// A real namenode and real datanodes in one process, on an event loop and thread of their own, over
// real sockets and files. For tests of the client against what it will meet.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cairn/client.h"
#include "common/async/loop_thread.h"
#include "tests/testkit/scratch.h"

namespace cairn::client {

class RealCluster {
public:
  struct Options {
    unsigned datanodes = 3;
    std::string chunkSize = "1MiB";
    std::uint16_t replication = 3;
  };
  // Formats, starts, and waits until every datanode has registered. Aborts when one cannot.
  explicit RealCluster(Options options);
  ~RealCluster();

  const std::string& namenode() const { return namenode_; }
  // A client of it. `shortCircuit`: reads by descriptor where it can.
  Client connect(bool shortCircuit = true, std::int64_t retryBudgetMs = -1) const;

  // Datanodes are counted from 1, in the order they were started; their numbers at the namenode may
  // differ.
  void dropDead(unsigned datanode);
  std::string addressOf(unsigned datanode) const;
  // Files of final replicas on that datanode.
  std::vector<std::string> replicasOn(unsigned datanode) const;

private:
  class Machine;
  const Options options_;
  testkit::ScratchDir scratch_;
  std::string namenode_;
  std::vector<std::string> datanodes_;
  Machine* machine_ = nullptr;  // lives on the loop
  kj::Own<const kj::Executor> executor_;
  std::unique_ptr<async::LoopThread> loop_;
};

}  // namespace cairn::client
