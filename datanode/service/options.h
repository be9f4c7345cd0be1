// How a datanode behaves.
// Layer: datanode/service.  A value; main() fills it.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/units.h"
#include "common/rpc/acceptor.h"
#include "datanode/scrub/scrub_pass.h"

namespace cairn::dn {

struct DatanodeOptions {
  std::string listen = "127.0.0.1:9866";  // HDFS's dfs.datanode.address port
  // "host:port" where others reach it; port 0: the one it listens on. "": where it listens.
  std::string advertise;
  std::string namenode = "127.0.0.1:8020";
  std::string rack;        // "/r1"; "": the namenode's table decides
  std::string socketPath;  // Unix socket of the descriptor hand-over; "": none
  std::string machine;     // the host's boot id
  std::string version;     // of the program
  // Memory for packets and frames on their way between sockets and disks.
  std::uint64_t bufferBudgetBytes = 256_MiB;
  std::uint64_t reservedBytes = 0;  // of each volume's disk, kept free for others
  // Off: acknowledged bytes may be lost in a crash. For measuring only.
  bool fsync = true;
  std::int64_t keepRemovedMs = 0;  // how long removed replicas are kept; 0: not at all
  ScrubOptions scrub;
  // connection.callBytesInFlightMax is not used (server.cc).
  rpc::AcceptorOptions acceptor;
};

}  // namespace cairn::dn
